import Microscope
import Processing
import RunModel

/// How a grid that was loaded again lies against its atlas: a quick look at it all, turned and moved until the two are alike. Everything that is
/// known of the grid moves with it. No loader puts a grid down twice in one way, and somebody may have put another one into its slot.
struct MatchAtlas {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let report = try run.grid(grid.id)
        guard let atlas = report.atlas, report.awaitsMatch else {
            return try run.withdraw(.matchDoubtful, because: "the grid was not loaded again")
        }
        try await column.waitUntilUsable(on: grid.id)
        try await run.waitForDisk(grid.id)
        try await column.makeReady(for: .atlas)
        let whole = try run.known().session.settings.atlasTiles
        var tiles = min(MatchRule.quickTiles, whole)
        while true {
            let found = try await match(atlas, tiles: tiles, run)
            if !MatchRule.isDoubtful(found.score) {
                // Asked before the run ended, or answered while the grid was loaded: about another look.
                try run.withdraw(.matchDoubtful, because: "the grid looks like its atlas")
                return try place(found, run)
            }
            // A few pieces are cheap, and may have met the wrong ones.
            if tiles < whole {
                tiles = whole
                continue
            }
            guard try await ask(about: found, run) else { continue }
            return try place(found, run)
        }
    }

    private func match(_ atlas: MapImage, tiles: Int, _ run: isolated RunContext) async throws(RunEnd) -> FoundPlacement {
        let file = "\(grid.directory)/raw/\(grid.fileName)_again.mrc"
        let paths = (look: try run.path(of: file), atlas: try run.path(of: atlas.file))
        run.tell(StepReading(step: .atlas, grid: grid.id, detail: "against its atlas", begunAt: run.now()))
        let look = try await run.retaking(grid.id) { (run: isolated RunContext) async throws(RunEnd) in
            try await column.acquireAtlas(tiles: tiles, into: paths.look)
        }
        let outcome = try await run.look(at: paths.look, grid.id) { finder throws(FinderProblem) in
            try await finder.match(look, with: atlas, at: paths)
        }
        switch outcome {
        case .success(let found): return found
        case .failure(let problem): throw .grid(.unmatched(problem))
        }
    }

    private func place(_ found: FoundPlacement, _ run: isolated RunContext) throws(RunEnd) {
        let moved = found.placement
        try run.record(
            [.gridPlaced(GridPlaced(grid: grid.id, placement: moved, score: found.score))],
            [
                LogLine(
                    .info, "atlas",
                    "Grid \(grid.slot) \(grid.name) lies turned by \(moved.rotation.written)° and moved by \(moved.shift.length.written) µm "
                        + "against its atlas, match \(found.score.written)")
            ])
    }

    /// True where it is this grid all the same; false to look again.
    private func ask(about found: FoundPlacement, _ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let cause =
            "The grid on the stage does not look like the atlas of grid \(grid.slot) \(grid.name): match \(found.score.written), "
            + "and \(MatchRule.limit.written) is needed."
        try run.log(.warning, "atlas", cause)
        let effect = try await run.ask(Question(.matchDoubtful, grid: grid.id, cause: cause))
        switch effect {
        case .resume: return true
        case .tryAgain: return false
        case .skipGrid, .acceptCassette, .endGrid, .settleExposure, .followPlan, .nothing:
            let by = try run.known().lastAnswer?.by ?? "somebody"
            throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by)))
        }
    }
}

extension RunContext {
    /// From here on nobody knows how a grid lies against its atlas, where it has one.
    func forgetPlace(of grid: GridID) throws(RunEnd) {
        let report = try self.grid(grid)
        guard report.atlas != nil, !report.awaitsMatch else { return }
        try record([.loadBegan(GridNamed(grid: grid))])
    }
}

extension Failure {
    fileprivate static func unmatched(_ problem: FinderProblem) -> Failure {
        Failure(
            code: "grid.unmatched", sentence: "How the grid lies could not be found out. \(problem.sentence)",
            remedy: "Put the file of its atlas back where it is missing, then press Start to look again.")
    }
}
