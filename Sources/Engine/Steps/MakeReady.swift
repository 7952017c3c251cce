import Microscope
import RunModel

// The column as each level needs it.
extension RunSession {
    /// Sets the column up for a level. Everything but an exposure is seen with the stage level: maps are made so, and found again so.
    func makeReady(for level: ImagingLevel, _ scope: Scope) async throws(RunEnd) {
        if level != .exposure { try await tilt(to: 0, scope) }
        try await scope.command { microscope throws(MicroscopeError) in try await microscope.prepare(for: level) }
    }

    /// Does nothing where the stage has this tilt already. What it has is unknown when a run begins: the last one may have been cut short.
    func tilt(to angle: Double, _ scope: Scope) async throws(RunEnd) {
        guard run?.tilt != angle else { return }
        run?.tilt = nil
        try await scope.command { microscope throws(MicroscopeError) in try await microscope.tilt(to: angle) }
        run?.tilt = angle
        try log(.debug, "stage", "Tilted to \(angle.written)°")
    }

    /// Exposures happen at the session's angle. A tilt moves what is seen, so a hole that can be found again is centred again.
    /// True where it was: what was known of its place in the image is of another alignment then.
    func tiltForExposures(at target: Target, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) -> Bool {
        let angle = try known().session.settings.tiltAngle
        guard angle != 0 else { return false }
        tell(StepReading(step: .move, grid: grid.id, target: target.id, detail: "tilt \(angle.written)°", begunAt: parts.now()))
        try await tilt(to: angle, scope)
        guard recipe.hole.contains(.alignToHole) else { return false }
        try await prepare(.alignToHole, at: target, of: grid, scope)
        return true
    }
}
