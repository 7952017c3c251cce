import RunModel

/// The map of the whole grid. The squares on it are looked for by `AtlasLevel`, which also takes up a map that an ended run left.
struct AcquireAtlas: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let grid = acquisition.grid
        let file = "\(grid.directory)/raw/\(grid.fileName)_atlas.mrc"
        let path = try run.path(of: file)
        let tiles = try run.known().session.settings.atlasTiles
        run.tell(StepReading(step: .atlas, grid: grid.id, detail: "\(tiles) × \(tiles) pieces", begunAt: run.now()))
        try run.log(.info, "atlas", "Taking the atlas, \(tiles) × \(tiles) pieces")
        var image = try await column.acquireAtlas(tiles: tiles, into: path)
        image.file = file
        image.picture = try await PagePicture.make(of: path, named: "\(grid.fileName)_atlas", grid, run)
        try run.record([.atlasAcquired(AtlasAcquired(grid: grid.id, image: image))])
        return .done
    }
}
