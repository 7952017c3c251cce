import Microscope
import RunModel

extension MapImage {
    /// Takes one image in a low dose area, where there is room for it, and makes its picture. `name`: its file's, without ending.
    static func acquire(
        _ area: LowDoseArea, named name: String, of target: Target, _ grid: Grid, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> MapImage {
        try await run.waitForDisk(grid.id)
        let file = "\(grid.directory)/raw/\(name).mrc"
        let path = try run.path(of: file)
        run.tell(StepReading(step: .expose, grid: grid.id, target: target.id, detail: area.rawValue, begunAt: run.now()))
        var image = try await column.acquire(area, into: path)
        image.file = file
        image.picture = try await PagePicture.make(of: path, named: name, grid, run)
        return image
    }
}
