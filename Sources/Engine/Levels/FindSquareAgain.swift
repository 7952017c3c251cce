import Microscope
import RunModel

/// A square that was mapped before its grid was loaded again: its middle is found once more, and the holes that wait in it move with it. What the
/// match of the whole grid leaves, a micrometre at its rim, is half the way to the next hole.
struct FindSquareAgain {
    let square: TargetID
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let report = try run.grid(grid.id)
        guard let placedAt = report.placedAt, let target = report.target(square), let map = target.image, map.takenAt < placedAt,
            run.foundAgain.insert(square).inserted
        else { return }
        try await column.waitUntilUsable(on: grid.id)
        try await column.makeReady(for: .square)
        await column.forgetHole()
        try await column.moveStage(to: map.centre)
        // The map was taken with the square in its middle.
        let side = Length.ångströms(target.size * (report.atlas?.pixelSize ?? 0))
        let found = try await column.realign(to: MappedFeature(kind: .square, position: map.centre, size: side))
        let off = PlaneShift(x: found.position.x - map.centre.x, y: found.position.y - map.centre.y)
        let waiting = report.holes.filter { $0.id.square == square && ($0.status == .queued || $0.status == .acquiring) }
        let events = waiting.map { hole in
            RunEvent.targetChanged(TargetChanged(target: hole.id, status: hole.status, stage: hole.stage.moved(by: off)))
        }
        try run.record(
            events,
            [LogLine(.info, "align", "Square \(square.number) found again, \(off.length.written) µm from where the match has it")]
        )
    }
}
