import Processing
import RunModel

/// The hole's own image, and how far from its middle the hole was seen: the alignment's last fraction of a micrometre.
struct AcquireView: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let (grid, target) = (acquisition.grid, try acquisition.place())
        let image = try await MapImage.acquire(
            .view, named: "\(grid.fileName)_square\(target.id.square.number)_hole\(target.id.number)", of: target, grid, column,
            run)
        let look = try await look(at: target, on: image, grid, run)
        try run.record(
            [.targetChanged(TargetChanged(target: target.id, status: .acquiring, image: image, offset: look.offset))])
        await column.noteMiddle(look.offset ?? .zero)
        return look.outcome
    }

    private func look(
        at target: Target, on image: MapImage, _ grid: Grid, _ run: isolated RunContext
    ) async throws(RunEnd) -> (offset: PlaneShift?, outcome: StepOutcome) {
        let path = try run.path(of: image.file)
        let size = grid.holeDiameter
        let look = try await run.look(at: path, grid.id) { finder throws(FinderProblem) in
            try await finder.holeCentre(on: image, at: path, size: size)
        }
        let point: PixelPoint?
        switch look {
        case .success(let centre): point = centre
        case .failure(let problem):
            // The alignment stands, so the hole is exposed where that has brought it.
            try run.log(.warning, "align", "\(target.id.wording): \(problem.sentence)")
            return (nil, .couldNotLook(problem))
        }
        guard let place = point.map(image.stage(at:)) else { return (nil, .foundNothing) }
        let offset = PlaneShift(x: place.x - image.centre.x, y: place.y - image.centre.y)
        // Farther than that it is a neighbour.
        guard offset.length <= grid.holeDiameter * 0.5 else { return (nil, .foundNothing) }
        try run.log(.debug, "align", "\(target.id.wording) seen \(offset.length.written) µm from the middle of its image")
        return (offset, .done)
    }
}
