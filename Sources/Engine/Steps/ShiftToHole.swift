import Microscope
import RunModel

// From one hole to the next without the stage.
extension RunSession {
    /// The image shift that reaches a hole from the one that is centred; nil where the stage must move.
    func shift(to target: Target, of grid: Grid, _ scope: Scope) async throws(RunEnd) -> PlaneShift? {
        let settings = try known().session.settings
        // On a tilted stage a shift across the axis leaves the focus, and every hole was aligned at its own tilt.
        guard let centred = run?.centred, settings.imageShiftLimit > .zero, settings.tiltAngle == 0 else { return nil }
        let stage = try await scope.command { microscope throws(MicroscopeError) in try await microscope.stagePosition() }
        let shift = ShiftRule.shift(
            to: target, from: centred, standingAt: stage, limit: settings.imageShiftLimit,
            reach: ExposurePattern.reach(of: settings.exposuresPerHole, holeDiameter: grid.holeDiameter))
        guard let shift else { return nil }
        try log(
            .info, "image shift",
            "\(target.id.wording) reached from hole \(centred.hole.number), \(shift.length.written) µm away")
        return shift
    }

    /// From here on holes near this one are reached by image shift. `offset`: where its image showed it.
    func noteCentred(_ target: Target, _ recipe: Recipe, _ offset: PlaneShift, _ scope: Scope) async throws(RunEnd) {
        guard recipe.hole.contains(.alignToHole), try known().session.settings.imageShiftLimit > .zero else { return }
        let stage = try await scope.command { microscope throws(MicroscopeError) in try await microscope.stagePosition() }
        // What the map has at its place is seen off by the offset: so are its neighbours.
        let mapped = target.stage.moved(by: -offset)
        run?.centred = CentredHole(hole: target.id, mapped: mapped, stage: stage)
    }
}
