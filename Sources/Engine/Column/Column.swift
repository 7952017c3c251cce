import Microscope
import RunModel

/// The microscope in the hands of the run that holds it, with what is known of it.
///
/// Before each command a stop is heard and the lock is checked, so that a run that has lost it can do nothing. What a command makes untrue
/// is forgotten with it: an offset that was seen before the stage moved, tilted or was aligned is of another picture.
actor Column {
    nonisolated let held: HeldMicroscope
    nonisolated let run: RunContext
    nonisolated var microscope: any Microscope { held.microscope }

    var isConnected = false
    /// Whether this run has had the microscope.
    var hasEntered = false
    /// What the link was lost by, until it is back.
    private(set) var lost: MicroscopeError?
    /// What was found at the microscope and is not said yet.
    var unsaid: [LogLine] = []
    /// Whether its claim stood there when the link was last opened.
    var foundOwnClaim = false
    /// Whether this run has made the column ready once. From then on, closed valves were closed by somebody.
    var hasOpenedValves = false
    /// The stage's tilt, degrees; nil where nobody knows it.
    private(set) var tilt: Double?
    /// Where focus was last measured; nil where it must be measured anew.
    private(set) var focus: Focused?
    /// The hole that the stage stands at with the image centred; nil where the next one must be gone to.
    private(set) var centred: CentredHole?
    /// Image shift from the aligned position to the middle of the hole at hand.
    private(set) var middle: PlaneShift = .zero
    var beam = BeamWatch()

    nonisolated var unownedExecutor: UnownedSerialExecutor { run.unownedExecutor }

    init(_ held: HeldMicroscope, of run: RunContext) {
        self.held = held
        self.run = run
    }

    /// Hears a stop, and checks the lock: in front of every command.
    func ready() async throws(RunEnd) {
        try await run.checkpoint()
        try await held.check()
    }

    // MARK: loader

    /// What the loader has, by slot.
    func slots() async throws(RunEnd) -> [CassetteSlot] { try await slotReports().map(CassetteSlot.init) }

    /// The same, with what it cannot tell.
    func slotReports() async throws(RunEnd) -> [SlotReport] {
        try await ready()
        do { return try await microscope.slots().sorted { $0.slot < $1.slot } } catch { throw held.gate.end(of: error) }
    }

    /// A person's word on what is on the stage.
    func noteLoaded(slot: Int) async throws(RunEnd) {
        try await ready()
        do { try await microscope.noteLoaded(slot: slot) } catch { throw held.gate.end(of: error) }
    }

    func forgetLoaded() async throws(RunEnd) {
        try await ready()
        do { try await microscope.forgetLoaded() } catch { throw held.gate.end(of: error) }
    }

    func loadedSlot() async throws(RunEnd) -> Int? {
        try await ready()
        do { return try await microscope.loadedSlot() } catch { throw held.gate.end(of: error) }
    }

    func load(slot: Int) async throws(RunEnd) {
        focus = nil
        // After an exchange nothing lies where it lay, wherever the stage stands.
        forgetHole()
        try await ready()
        do { try await microscope.load(slot: slot) } catch { throw held.gate.end(of: error) }
    }

    // MARK: stage and optics

    func state() async throws(RunEnd) -> ColumnState {
        try await ready()
        do { return try await microscope.columnState() } catch { throw held.gate.end(of: error) }
    }

    func openValves() async throws(RunEnd) {
        try await ready()
        do { try await microscope.setValves(open: true) } catch { throw held.gate.end(of: error) }
    }

    func stagePosition() async throws(RunEnd) -> StagePosition {
        try await ready()
        do { return try await microscope.stagePosition() } catch { throw held.gate.end(of: error) }
    }

    func moveStage(to position: StagePosition) async throws(RunEnd) {
        forgetHole()
        try await ready()
        do { try await microscope.moveStage(to: position) } catch { throw held.gate.end(of: error) }
    }

    /// Does nothing where the stage has this tilt already. What it has is unknown when a run begins: the last one may have been cut short.
    func tilt(to angle: Double) async throws(RunEnd) {
        guard tilt != angle else { return }
        tilt = nil
        forgetHole()
        try await ready()
        do { try await microscope.tilt(to: angle) } catch { throw held.gate.end(of: error) }
        tilt = angle
        try await run.log(.debug, "stage", "Tilted to \(angle.written)°")
    }

    func prepare(for level: ImagingLevel) async throws(RunEnd) {
        try await ready()
        do { try await microscope.prepare(for: level) } catch { throw held.gate.end(of: error) }
    }

    /// From the aligned position, in the specimen plane.
    func setImageShift(_ shift: PlaneShift) async throws(RunEnd) {
        try await ready()
        do { try await microscope.setImageShift(shift) } catch { throw held.gate.end(of: error) }
    }

    // MARK: acquisition

    func acquireAtlas(tiles: Int, into file: String) async throws(RunEnd) -> MapImage {
        try await ready()
        do { return try await microscope.acquireAtlas(tiles: tiles, into: file) } catch { throw held.gate.end(of: error) }
    }

    func acquire(_ area: LowDoseArea, into file: String) async throws(RunEnd) -> MapImage {
        try await ready()
        do { return try await microscope.acquire(area, into: file) } catch { throw held.gate.end(of: error) }
    }

    /// What was seen of a hole before is of another alignment, and forgotten.
    func realign(to feature: MappedFeature) async throws(RunEnd) -> Alignment {
        forgetHole()
        try await ready()
        do { return try await microscope.realign(to: feature) } catch { throw held.gate.end(of: error) }
    }

    func findEucentricHeight() async throws(RunEnd) -> Length {
        try await ready()
        do { return try await microscope.findEucentricHeight() } catch { throw held.gate.end(of: error) }
    }

    /// A measurement that is cut short leaves an unknown focus.
    func autofocus(target: Length) async throws(RunEnd) -> Length {
        focus = nil
        try await ready()
        do { return try await microscope.autofocus(target: target) } catch { throw held.gate.end(of: error) }
    }

    func changeFocus(by change: Length) async throws(RunEnd) {
        focus = nil
        try await ready()
        do { try await microscope.changeFocus(by: change) } catch { throw held.gate.end(of: error) }
    }

    /// Å/s.
    func measureDrift() async throws(RunEnd) -> Double {
        try await ready()
        do { return try await microscope.measureDrift() } catch { throw held.gate.end(of: error) }
    }

    func record(_ request: ExposureRequest) async throws(RunEnd) -> ExposureReport {
        await run.untilStopAsked { [held] in await held.lock.lookAtFile(held.number) }
        try await ready()
        do { return try await microscope.record(request) } catch { throw held.gate.end(of: error) }
    }

    func evidence(of request: ExposureRequest) async throws(RunEnd) -> ExposureEvidence {
        try await ready()
        do { return try await microscope.evidence(of: request) } catch { throw held.gate.end(of: error) }
    }

    // MARK: what is known of it

    /// Where focus was measured last; nil where nobody knows.
    func noteFocus(_ place: Focused?) { focus = place }

    func forgetHole() {
        centred = nil
        middle = .zero
    }

    /// Where the hole's own image, taken at this alignment, shows its middle.
    func noteMiddle(_ offset: PlaneShift) { middle = offset }

    /// The hole at hand is reached by image shift from the one that is centred.
    func reach(by shift: PlaneShift) { middle = shift }

    /// From here on, holes near this one are reached by image shift.
    func noteCentred(_ hole: CentredHole) { centred = hole }

    /// Over a link that was opened with the lock.
    func noteConnected() {
        isConnected = true
        lost = nil
    }

    /// The link is gone: whatever was known of the column may not be so any more.
    func noteLost(_ cause: MicroscopeError) {
        isConnected = false
        lost = cause
        tilt = nil
        focus = nil
        forgetHole()
    }
}
