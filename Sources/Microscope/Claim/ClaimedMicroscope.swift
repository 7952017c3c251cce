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
    struct State {
        var greeting = ""
        /// What this run says at the microscope while its link is open.
        var claim: ScopeClaim?
        var gate: CommandGate?
        /// Sessions of this server that hold a microscope under another id.
        var elsewhere: Set<SessionID> = []
        /// A command has found the link broken: whoever gave it comes back by itself.
        var isLost = false
        /// A look that keeps the claim has found it broken: nobody waits for a command that would come back, so the next look does.
        var away: Away?
        /// It was away and is open again, of which no command has heard yet.
        var hasReturned = false
        /// Why this run does not come back: another server's claim, or somebody who takes the link again and again.
        var ending: MicroscopeError?
        /// The column is being left: the claim ends with the run, and what closes the valves waits for nothing.
        var isLeaving = false
        /// When another server last looked, by the microscope's own seconds.
        var look: Double?
        /// Whether that was since this run was there before.
        var wasLookedAt = false
        /// Whether the microscope keeps the claim; nil until it was asked to.
        var isKept: Bool?
        var hasSaidUnkept = false
        /// By the stopwatch.
        var writtenAt = 0.0
        var holdsUntil = 0.0
        /// When the link was last taken anew after another had pushed it out.
        var returnedAt: Double?
    }
    struct Away {
        let greeting: String
        let claim: ScopeClaim
        let cause: MicroscopeError
        /// Somebody may have pushed the link out, and may be pushed out in turn.
        let wasPushed: Bool
    }
    let base: any Microscope
    private let seconds: @Sendable () -> Double
    /// A second return within so many seconds is a fight, and not made.
    private let truce: Double
    let turn = Turn()
    let state = Mutex(State())

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
    ///
    /// `takingOver` is a claim that staff have been shown: that run's and no other's is overridden. `elsewhere` are the sessions of this
    /// server that hold a microscope under another id, which may be this very one.
    public func connect(
        greeting: String, as claim: ScopeClaim, takingOver: ScopeClaim?, elsewhere: Set<SessionID> = [], gate: CommandGate? = nil
    ) async throws(MicroscopeError) -> Entry {
        try await turn.take()
        defer { turn.give() }
        if let ending { throw ending }
        state.withLock { ($0.gate, $0.elsewhere) = (gate, elsewhere) }
        return try await enter(greeting, claim, takingOver: takingOver)
    }

    private func enter(
        _ greeting: String, _ claim: ScopeClaim, takingOver: ScopeClaim?
    ) async throws(MicroscopeError) -> Entry {
        let (before, elsewhere) = state.withLock { state in
            (state.claim, state.away, state.hasReturned) = (nil, nil, false)
            return (state, state.elsewhere)
        }
        let found = Mutex((reading: ClaimReading.none, look: before.look))
        let hearsLook: (@Sendable (Double?) -> Void)? =
            before.isLeaving ? nil : { @Sendable look in found.withLock { $0.look = look } }
        try await base.connect(
            LinkTerms(
                greeting: greeting,
                mayEnter: { reading in
                    found.withLock { $0.reading = reading }
                    return !reading.isHeld(besides: claim, elsewhere) || reading.isHeld(byRunOf: takingOver)
                }, hearsLook: hearsLook, gate: before.gate))
        let (reading, look) = found.withLock { $0 }
        state.withLock { state in
            (state.greeting, state.claim, state.isLost, state.look) = (greeting, claim, false, look)
            state.wasLookedAt = look != nil && look != before.look
        }
        let isKept = try await write(claim, for: Self.hold)
        // Whoever enters for the first time says it by themselves.
        if before.isKept == nil { state.withLock { $0.hasSaidUnkept = !isKept } }
        return Entry(reading: reading, isKept: isKept)
    }

    /// False where the microscope keeps nothing: then the run goes on, and nobody else can see it.
    private func write(_ claim: ScopeClaim, for hold: Double) async throws(MicroscopeError) -> Bool {
        if state.withLock(\.isLeaving) { return true }
        let moment = seconds()
        state.withLock { ($0.writtenAt, $0.holdsUntil) = (moment, moment + hold) }
        var isKept = false
        do throws(MicroscopeError) { isKept = try await base.writeClaim(claim, seconds: hold) } catch {
            guard error.isRefusal else { throw error }
        }
        state.withLock { $0.isKept = isKept }
        return isKept
    }

    func renew(covering longest: Double) async throws(MicroscopeError) {
        let moment = seconds()
        let due = state.withLock { state in
            let isDue = moment - state.writtenAt >= Self.renewalInterval || moment + longest > state.holdsUntil
            return isDue ? state.claim : nil
        }
        guard let due else { return }
        _ = try await write(due, for: longest + Self.hold)
    }

    /// Keeps the claim fresh while the run waits for something else than the microscope. Whoever pushed the link out meanwhile has read whose
    /// the microscope is and gone again, so the link is taken anew, once. One that broke by itself is taken anew by the next call.
    public func beat() async {
        guard turn.tryTake() else { return }
        defer { turn.give() }
        if let away = state.withLock(\.away) { return await comeBack(from: away) }
        let known = state.withLock { state in state.isLost ? nil : state.claim.map { (state.greeting, $0) } }
        guard let (greeting, claim) = known else { return }
        do throws(MicroscopeError) { try await renew(covering: 0) } catch {
            // Busy, or unwilling: the link is whole, and the next look renews.
            guard error.losesLink || error == .cancelled else { return }
            state.withLock { $0.isLost = true }
            let away = Away(greeting: greeting, claim: claim, cause: error, wasPushed: error.mayBeReplaced)
            if away.wasPushed { await comeBack(from: away) } else { note(away) }
        }
    }

    private func comeBack(from away: Away) async {
        if away.wasPushed, !mayReturn { return state.withLock { $0.ending = .displaced } }
        let isFirstTry = self.away == nil
        do throws(MicroscopeError) {
            _ = try await enter(away.greeting, away.claim, takingOver: nil)
            if away.wasPushed { noteReturn() }
            // Pushed out by somebody who only looked, the run has missed nothing.
            state.withLock { $0.hasReturned = !(away.wasPushed && isFirstTry) }
        } catch {
            // Not back. One that has read whose the microscope is now must not dial again, which would push them out.
            state.withLock { state in
                (state.claim, state.isLost) = (away.claim, true)
                if case .claimed = error { state.ending = error }
            }
            note(Away(greeting: away.greeting, claim: away.claim, cause: error, wasPushed: away.wasPushed))
        }
    }

    private func note(_ away: Away) {
        switch away.cause {
        // Somebody who pressed STOP wants the microscope for themselves: the run's next command says so.
        case .operatorStopped, .claimed, .cancelled: return
        default: state.withLock { $0.away = away }
        }
    }

    /// Once for each absence that no command has found: whatever was known of the microscope may not be so any more.
    func takeReturn() -> Bool {
        state.withLock { state in
            guard state.hasReturned, !state.isLeaving else { return false }
            (state.hasReturned, state.isLost) = (false, true)
            return true
        }
    }

    /// What broke the link while the run waits for something else; nil while it gives commands, which say it themselves.
    public var away: MicroscopeError? { state.withLock { $0.away?.cause } }

    /// The link is open as far as anybody has asked.
    public var isThere: Bool { state.withLock { $0.claim != nil && !$0.isLost } }

    /// Why this run has lost the microscope for good, as it found out while it waited; nil while it has not.
    public var ending: MicroscopeError? { state.withLock { $0.ending } }

    /// From here on nothing is written at the microscope that only other servers read: there may be less than a second for the valves.
    public func leave() { state.withLock { $0.isLeaving = true } }

    /// Whether the microscope has ceased to keep the claim, of which nobody has been told yet. True once.
    public func takeUnkept() -> Bool {
        state.withLock { state in
            guard state.isKept == false, !state.hasSaidUnkept else { return false }
            state.hasSaidUnkept = true
            return true
        }
    }

    /// Whether a run that was pushed out may push in again.
    public var mayReturn: Bool {
        let moment = seconds()
        return state.withLock { state in state.returnedAt.map { moment - $0 >= truce } ?? true }
    }

    /// The link was taken anew, and the claim was as this run had left it. Whoever had only looked whose the microscope is does not count.
    public func noteReturn() {
        let moment = seconds()
        state.withLock { state in
            if !state.wasLookedAt { state.returnedAt = moment }
        }
    }

    /// Takes the claim away where it is this run's, and closes the link.
    public func disconnect() async {
        if !Task.isCancelled { await withdraw() }
        state.withLock { ($0.claim, $0.away) = (nil, nil) }
        await base.disconnect()
    }

    /// Closes the link without a word, whether or not anything would be answered. The claim stays, and ends by itself.
    public func hangUp() async {
        state.withLock { ($0.claim, $0.away) = (nil, nil) }
        await withDiscardingTaskGroup { group in
            // Whoever is cancelled says no goodbye.
            group.cancelAll()
            group.addTask { [base] in await base.disconnect() }
        }
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
    func isHeld(besides own: ScopeClaim, _ elsewhere: Set<SessionID>) -> Bool {
        guard case .held(let claim, _) = self else { return false }
        return claim.installation != own.installation || (claim.session != own.session && elsewhere.contains(claim.session))
    }

    func isHeld(byRunOf shown: ScopeClaim?) -> Bool {
        if case .held(let claim, _) = self { shown?.isOfSameRun(as: claim) == true } else { false }
    }

    /// As this run's server has left it.
    public func isHeld(by own: ScopeClaim) -> Bool {
        if case .held(let claim, _) = self { claim.installation == own.installation } else { false }
    }
}
