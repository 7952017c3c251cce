import Processing
import RunModel

/// The map of a square, and the holes on it, queued in the order that moves the stage least.
struct AcquireSearch: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let (grid, square) = (acquisition.grid, try acquisition.place())
        let image = try await MapImage.acquire(
            .search, named: "\(grid.fileName)_square\(square.id.number)", of: square, grid, column, run)
        let path = try run.path(of: image.file)
        let (type, pattern) = (grid.holeType.flatMap(HoleType.init), acquisition.recipe.targets)
        let look = try await run.look(at: path, grid.id) { finder throws(FinderProblem) in
            try await finder.holes(on: image, at: path, holeType: type, pattern: pattern)
        }
        let found: [FoundTarget]
        switch look {
        case .success(let holes): found = holes
        case .failure(let problem):
            try noteUnsearched(square.id, image, problem, run)
            return .couldNotLook(problem)
        }
        let settings = try run.known().session.settings
        let reach = ExposurePattern.reach(of: settings.exposuresPerHole, holeDiameter: grid.holeDiameter)
        let holes = Target.grouped(found, on: image, within: settings.imageShiftLimit - reach) {
            TargetID(hole: $0, of: square.id)
        }
        try run.record(
            [.targetChanged(TargetChanged(target: square.id, status: .acquired, image: image, stage: image.centre))]
                + (try queueing(holes, of: square.id, run)),
            [LogLine(.info, "holes", "Square \(square.id.number): \(holes.count) holes found")])
        return holes.isEmpty ? .foundNothing : .done
    }

    /// Nobody has looked at the square: it has failed, which keeps its grid from being complete, and is mapped anew by the next start.
    private func noteUnsearched(
        _ square: TargetID, _ image: MapImage, _ problem: FinderProblem, _ run: isolated RunContext
    ) throws(RunEnd) {
        try run.record(
            [
                .processingFailed(ProcessingFailed(target: square, sentence: problem.sentence)),
                .targetChanged(
                    TargetChanged(
                        target: square, status: .failed, image: image, stage: image.centre,
                        problem: "It could not be searched for holes. \(problem.sentence)")),
            ],
            [LogLine(.error, "holes", "Square \(square.number): \(problem.explanation)")])
    }

    private func queueing(_ holes: [Target], of square: TargetID, _ run: isolated RunContext) throws(RunEnd) -> [RunEvent] {
        guard !holes.isEmpty else { return [] }
        let state = try run.known()
        let settings = state.session.settings
        var change = QueueChanged(grid: square.grid, version: state.queue.version + 1)
        change.before = NextStep.placeForHoles(
            in: state.queue, on: square.grid, mode: settings.mode, vendor: state.microscope.vendor)
        change.added = TargetChoice.holes(holes, count: settings.holesPerSquare, mode: settings.mode)
            .map { TargetQueue.item($0, settings: settings, engine: run.settings) }
        return [.holesFound(HolesFound(square: square, holes: holes)), .queueChanged(change)]
    }
}
