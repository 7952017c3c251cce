import RunModel
import Synchronization

/// A microscope with a run's claim on it: read before anything else, written, kept fresh between commands, and taken away at the end.
///
/// A claim says until when it holds, and always beyond the longest that the present command may take, since nobody can renew it meanwhile.
/// Commands and `beat` take turns, so that a run which waits for hours keeps its claim without noticing.
public final class ClaimedMicroscope: Microscope {
    /// What a run found when it entered.
    public struct Entry: Sendable {
        public let reading: ClaimReading
        /// Whether other servers can see the claim.
        public let isKept: Bool
    }
    private struct State {
        var greeting = ""
        /// What this run says at the microscope while its link is open.
        var claim: ScopeClaim?
        var gate: CommandGate?
        /// A command has found the link broken: whoever gave it comes back by itself.
        var isLost = false
        /// By the stopwatch.
        var writtenAt = 0.0
        var holdsUntil = 0.0
        /// When the link was last taken anew after another had pushed it out.
        var returnedAt: Double?
    }
    private let base: any Microscope
    private let seconds: @Sendable () -> Double
    /// A second return within so many seconds is a fight, and not made.
    private let truce: Double
    private let turn = Turn()
    private let state = Mutex(State())

    /// Between two renewals, at the least.
    private static let renewalInterval = 10.0
    /// How long a claim holds that nobody renews.
    static let hold = 60.0

    public init(_ base: any Microscope, clock: any Clock<Duration>, truce: Duration = .seconds(60)) {
        self.base = base
        seconds = clock.stopwatch()
        self.truce = truce / .seconds(1)
    }

    /// Opens the link, and enters only where no other server holds the microscope, or where this run takes it from them.
    public func connect(
        greeting: String, as claim: ScopeClaim, takingOver: Bool, gate: CommandGate? = nil
    ) async throws(MicroscopeError) -> Entry {
        try await turn.take()
        defer { turn.give() }
        state.withLock { $0.gate = gate }
        return try await enter(greeting, claim, takingOver: takingOver)
    }

    private func enter(
        _ greeting: String, _ claim: ScopeClaim, takingOver: Bool
    ) async throws(MicroscopeError) -> Entry {
        let gate = state.withLock { state in
            state.claim = nil
            return state.gate
        }
        let found = Mutex(ClaimReading.none)
        try await base.connect(
            LinkTerms(
                greeting: greeting,
                mayEnter: { reading in
                    found.withLock { $0 = reading }
                    return takingOver || !reading.isHeld(besides: claim)
                }, gate: gate))
        state.withLock { state in
            (state.greeting, state.claim, state.isLost) = (greeting, claim, false)
        }
        return Entry(reading: found.withLock { $0 }, isKept: try await write(claim, for: Self.hold))
    }

    /// False where the microscope keeps nothing: then the run goes on, and nobody else can see it.
    private func write(_ claim: ScopeClaim, for hold: Double) async throws(MicroscopeError) -> Bool {
        let moment = seconds()
        state.withLock { ($0.writtenAt, $0.holdsUntil) = (moment, moment + hold) }
        do throws(MicroscopeError) { return try await base.writeClaim(claim, seconds: hold) } catch {
            guard error.isRefusal else { throw error }
            return false
        }
    }

    private func renew(covering longest: Double) async throws(MicroscopeError) {
        let moment = seconds()
        let due = state.withLock { state in
            let isDue = moment - state.writtenAt >= Self.renewalInterval || moment + longest > state.holdsUntil
            return isDue ? state.claim : nil
        }
        guard let due else { return }
        _ = try await write(due, for: longest + Self.hold)
    }

    /// Keeps the claim fresh while the run waits for something else than the microscope. Whoever pushed the link out meanwhile has read whose
    /// the microscope is and gone again, so the link is taken anew, once.
    public func beat() async {
        guard turn.tryTake() else { return }
        defer { turn.give() }
        guard let (greeting, claim) = state.withLock({ state in state.isLost ? nil : state.claim.map { (state.greeting, $0) } })
        else { return }
        do throws(MicroscopeError) { try await renew(covering: 0) } catch {
            state.withLock { $0.isLost = true }
            guard error.mayBeReplaced, mayReturn else { return }
            // Not back: the run's next command finds the link broken, and says so.
            guard (try? await enter(greeting, claim, takingOver: false)) != nil else {
                return state.withLock { ($0.claim, $0.isLost) = (claim, true) }
            }
            noteReturn()
        }
    }

    /// Whether a run that was pushed out may push in again.
    public var mayReturn: Bool {
        let moment = seconds()
        return state.withLock { state in state.returnedAt.map { moment - $0 >= truce } ?? true }
    }

    /// The link was taken anew, and the claim was as this run had left it.
    public func noteReturn() {
        let moment = seconds()
        state.withLock { $0.returnedAt = moment }
    }

    /// Takes the claim away where it is this run's, and closes the link.
    public func disconnect() async {
        if !Task.isCancelled { await withdraw() }
        state.withLock { $0.claim = nil }
        await base.disconnect()
    }

    private func withdraw() async {
        // Cancelled meanwhile: the claim ends by itself.
        guard (try? await turn.take()) != nil else { return }
        defer { turn.give() }
        guard let gate = state.withLock({ $0.claim != nil && !$0.isLost ? $0.gate ?? {} : nil }) else { return }
        // A run that has lost the microscope sends nothing more: the claim then ends by itself.
        guard (try? await gate()) != nil else { return }
        try? await base.clearClaim()  // a link that is gone by now takes nothing away; then it ends by itself
    }
}

extension ClaimReading {
    func isHeld(besides own: ScopeClaim) -> Bool {
        if case .held(let claim, _) = self { claim.installation != own.installation } else { false }
    }

    /// As this run's server has left it.
    public func isHeld(by own: ScopeClaim) -> Bool {
        if case .held(let claim, _) = self { claim.installation == own.installation } else { false }
    }
}

// Every command of the microscope, in its turn and under the claim.
extension ClaimedMicroscope {
    private func work<Value>(
        _ work: ScopeWork, _ body: (any Microscope) async throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        try await turn.take()
        defer { turn.give() }
        do throws(MicroscopeError) {
            try await renew(covering: work.longest)
            return try await body(base)
        } catch {
            if error.losesLink || error == .cancelled { state.withLock { $0.isLost = true } }
            throw error
        }
    }

    public func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        try await turn.take()
        defer { turn.give() }
        try await base.connect(terms)
    }
    public func readClaim() async throws(MicroscopeError) -> ClaimReading {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.readClaim() }
    }
    public func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.writeClaim(claim, seconds: seconds) }
    }
    public func clearClaim() async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.clearClaim() }
    }
    public func serve(_ session: SessionID) { base.serve(session) }
    public var leaveDeadlines: LeaveDeadlines { base.leaveDeadlines }
    public var silence: MicroscopeSilence? { base.silence }

    public func slots() async throws(MicroscopeError) -> [SlotReport] {
        try await work(.loader) { scope throws(MicroscopeError) in try await scope.slots() }
    }
    public func loadedSlot() async throws(MicroscopeError) -> Int? {
        try await work(.loader) { scope throws(MicroscopeError) in try await scope.loadedSlot() }
    }
    public func noteLoaded(slot: Int) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.noteLoaded(slot: slot) }
    }
    public func forgetLoaded() async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.forgetLoaded() }
    }
    public func load(slot: Int) async throws(MicroscopeError) {
        try await work(.load) { scope throws(MicroscopeError) in try await scope.load(slot: slot) }
    }
    public func columnState() async throws(MicroscopeError) -> ColumnState {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.columnState() }
    }
    public func setValves(open: Bool) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.setValves(open: open) }
    }
    public func prepare(for level: ImagingLevel) async throws(MicroscopeError) {
        try await work(.prepare) { scope throws(MicroscopeError) in try await scope.prepare(for: level) }
    }
    public func stagePosition() async throws(MicroscopeError) -> StagePosition {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.stagePosition() }
    }
    public func moveStage(to position: StagePosition) async throws(MicroscopeError) {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.moveStage(to: position) }
    }
    public func tilt(to angle: Double) async throws(MicroscopeError) {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.tilt(to: angle) }
    }
    public func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.setImageShift(shift) }
    }
    public func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        try await work(.atlas(tiles: tiles)) { scope throws(MicroscopeError) in
            try await scope.acquireAtlas(tiles: tiles, into: file)
        }
    }
    public func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        try await work(.image) { scope throws(MicroscopeError) in try await scope.acquire(area, into: file) }
    }
    public func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.realign(to: feature) }
    }
    public func findEucentricHeight() async throws(MicroscopeError) -> Length {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.findEucentricHeight() }
    }
    public func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.autofocus(target: target) }
    }
    public func changeFocus(by change: Length) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.changeFocus(by: change) }
    }
    public func measureDrift() async throws(MicroscopeError) -> Double {
        try await work(.image) { scope throws(MicroscopeError) in try await scope.measureDrift() }
    }
    public func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        try await work(.exposure(seconds: request.exposureTime)) { scope throws(MicroscopeError) in
            try await scope.record(request)
        }
    }
    public func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        try await work(.exposure(seconds: 0)) { scope throws(MicroscopeError) in try await scope.evidence(of: request) }
    }
}
