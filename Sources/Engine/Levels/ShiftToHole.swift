import RunModel

/// From one hole to the next without the stage.
struct ShiftToHole {
    let hole: Target
    let grid: Grid
    let column: Column

    /// True where image shift reaches the hole from the one that is centred; false where the stage must move.
    func carryOut(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let settings = try run.known().session.settings
        // On a tilted stage a shift across the axis leaves the focus, and every hole was aligned at its own tilt.
        guard let centred = await column.centred, settings.imageShiftLimit > .zero, settings.tiltAngle == 0 else { return false }
        let stage = try await column.stagePosition()
        let shift = ShiftRule.shift(
            to: hole, from: centred, standingAt: stage, limit: settings.imageShiftLimit,
            reach: ExposurePattern.reach(of: DoseLedger.wanted(hole, settings), holeDiameter: grid.holeDiameter))
        guard let shift else { return false }
        await column.reach(by: shift)
        try run.log(
            .info, "image shift", "\(hole.id.wording) reached from hole \(centred.hole.number), \(shift.length.written) µm away")
        return true
    }
}
