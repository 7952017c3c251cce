/// Everything the program knows besides the column. Every change is one call under the program's lock.
struct ProgramState: Sendable {
    var buffers = ImageBuffers()
    var sets: CameraSets
    var frames = FrameNaming()
    var lastFrames: SavedFrames?
    var earlyReturn: Int?
    var optics: ProgramOptics
    var lowDose: LowDose
    var focus = FocusState()
    var drift = DriftTrack()
    var files = OpenFiles()
    var texts = TextFiles()
    var montage = MontagePlan()
    var filter = EnergyFilter()
    var apertures = ApertureStates()
    /// A JEOL loader has looked at its cartridges.
    var hasInventory = false
    /// Problems are answered and not put into boxes.
    var answersProblems = false
    /// nil while its window is shut.
    var navigator: Navigator?
    var script = ScriptState()
    /// Seconds of the column's time when a long operation was last done, by its two letters.
    var operationsDone: [String: Double] = [:]

    /// `frameName`: what frames were last called, in an earlier life of the program.
    init(_ magnifications: MagnificationTable, frameName: String?) {
        if let frameName { frames.base = FrameNaming.Base(text: frameName, isUsedInNames: true) }
        sets = CameraSets()
        optics = ProgramOptics(magIndex: magnifications.record)
        lowDose = LowDose(magnifications)
    }

    /// Undoes what lasts as long as external control and no longer.
    mutating func endControl() {
        sets.restore(nil)
        lowDose.restore()
        frames.restore()
        optics.restoreBeamTilt()
        files.mayOverwrite = false
        earlyReturn = nil
        answersProblems = false
        script.endControl()
        texts = TextFiles()
        buffers.rolling = script.settings.rollingBuffers
    }
}
