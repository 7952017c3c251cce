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
        let problem: FinderProblem? = await run.untilStopAsked { [finder = run.finder] in
            do throws(FinderProblem) { try await finder.makePicture(of: path, into: picture) } catch { return error }
            return nil
        }
        guard let problem else { return file }
        // A log that cannot be written shows at the next record.
        try? run.log(.warning, "picture", problem.sentence)
        return nil
    }
}
