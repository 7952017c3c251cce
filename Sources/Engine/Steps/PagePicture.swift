import Processing
import RunModel

/// The PNG of an image, for the pages.
enum PagePicture {
    /// Relative to the session's directory; nil when it could not be made, which stops nothing.
    static func make(
        of path: String, named name: String, _ grid: Grid, _ run: isolated RunContext
    ) async throws(RunEnd) -> String? {
        let file = "\(grid.directory)/png/\(name).png"
        let picture = try run.path(of: file)
        do throws(FinderProblem) {
            try await run.finder.makePicture(of: path, into: picture)
            return file
        } catch {
            // A log that cannot be written shows at the next record.
            try? run.log(.warning, "picture", error.sentence)
            return nil
        }
    }
}
