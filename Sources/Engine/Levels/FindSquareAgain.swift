import Microscope
import RunModel

/// A square that was mapped before its grid was loaded again: its middle is found once more, and its holes move with it. What the
/// match of the whole grid leaves, a micrometre at its rim, is half the way to the next hole.
struct FindSquareAgain {
    let square: TargetID
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let report = try run.grid(grid.id)
        guard let placedAt = report.placedAt, let target = report.target(square), let map = target.image, map.takenAt < placedAt,
            run.foundAgain[square] != placedAt
        else { return }
        try await column.waitUntilUsable(on: grid.id)
        try await column.makeReady(for: .square)
        await column.forgetHole()
        try await column.moveStage(to: map.centre)
        // The map was taken with the square in its middle.
        let side = Length.ångströms(target.size * (report.atlas?.pixelSize ?? 0))
        let found = try await column.realign(to: MappedFeature(kind: .square, position: map.centre, size: side))
        // The map moves with its square: found once more, it is off by what has changed since.
        let off = PlaneShift(x: found.position.x - map.centre.x, y: found.position.y - map.centre.y)
        let step = GridPlacement(rotation: 0, cosine: 1, sine: 0, shift: off)
        try run.record(
            [.gridPlaced(GridPlaced(grid: grid.id, placement: step, score: found.correlation, square: square))],
            [LogLine(.info, "align", "Square \(square.number) found again, \(off.length.written) µm from where the match has it")]
        )
        // A look that failed has found nothing, and the next load needs another.
        run.foundAgain[square] = placedAt
    }
}
