/// What of a session's settings may still be changed, by what has happened since it was made.
///
/// Everything is read anew for each item, so a change counts from the next one on. Refused is what would leave half of the session's
/// results unlike the other half without anybody seeing it, or what the column is set up for while a run has it.
public enum SettingsRule {
    /// What stands against `wanted`, a sentence each; empty where it may take the place of the settings of `state`. `hasExposures`: an exposure was
    /// begun, whatever became of it. `isLiving`: a run has the microscope.
    public static func objections(
        to wanted: GridSettings, of state: SessionState, hasExposures: Bool, isLiving: Bool
    ) -> [String] {
        let old = state.session.settings
        var objections: [String] = []
        func object(_ isChanged: Bool, _ sentence: String) { if isChanged { objections.append(sentence) } }
        object(wanted.plan != old.plan, "The plan as the session began stays in its record: change the plan itself.")
        if hasExposures {
            object(
                wanted.movie != old.movie,
                "Movies were recorded with \(old.movie.frames) frames, \(old.movie.exposureTime.written) s and "
                    + "\(old.movie.dose.written) e/Å²: those of one session are taken alike.")
        }
        if state.grids.contains(where: \.hasAtlas) {
            object(
                wanted.atlasTiles != old.atlasTiles,
                "Atlases of \(old.atlasTiles) by \(old.atlasTiles) pieces are taken, and grids that are loaded again are compared with them."
            )
        } else if isLiving {
            object(
                wanted.atlasTiles != old.atlasTiles,
                "The run may be taking an atlas: stop it before you change how many pieces it has.")
        }
        if [.killed, .interrupted, .failed].contains(state.status), old.tiltAngle != 0 {
            object(
                wanted.tiltAngle != old.tiltAngle,
                "The last run may have left the stage tilted: press Start, and stop it in order, before you change the tilt.")
        }
        if isLiving {
            object(wanted.tiltAngle != old.tiltAngle, "The stage is tilted by the run: stop it before you change the tilt.")
            object(wanted.mode != old.mode, "The run chooses its targets by the mode: stop it before you change that.")
        }
        return objections
    }
}
