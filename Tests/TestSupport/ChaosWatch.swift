import RunModel
import Simulator

/// What must hold at every moment of a story, looked at after each of its acts.
///
/// It sees what the log cannot tell: the link, the valves, and what the column was told while nothing could be written.
struct ChaosWatch {
    private let world: SimulatedWorld
    private let session: SessionID
    /// Lines of the column's ledger that were looked at.
    private var lines = 0
    /// A server died with the column in its hands; nobody is asked to close valves until the next run has come.
    private(set) var isOrphaned = false
    /// Changes of the store that were refused so far, and when the last was, in this life: what it left undone is done with the second pulse after it,
    /// at the latest.
    private var refusals = 0
    private var refusedAt: VirtualInstant?
    /// Found as a life ended, and told with the next look.
    private var untold: [String] = []
    /// What runs that are over were held by.
    private(set) var troubles: Set<String> = []

    /// A run closes its valves within eight seconds over its link, and within sixteen over a new one.
    private static let closing = Duration.seconds(20)
    private static let pulses = Duration.seconds(1300)

    init(world: SimulatedWorld, session: SessionID) { (self.world, self.session) = (world, session) }

    mutating func broken(_ life: SimulatedRun, _ disk: FailingStore) throws -> [String] {
        var problems = untold + commands(life.heard.holds)
        let refusals = disk.refusals.values.reduce(0, +)
        if refusals != self.refusals { (self.refusals, refusedAt) = (refusals, life.executor.now) }
        if life.engine.group(ofLiving: session) == nil {
            problems += try atRest(disk)
            let isTidy = refusedAt.map { $0.advanced(by: Self.pulses) < life.executor.now } ?? true
            if isTidy, disk.failure == nil { problems += try ChaosInvariants(world: world, session: session).holder() }
        } else {
            problems += held(life)
        }
        return problems
    }

    /// Before the life is over: whether somebody still held the column.
    mutating func noteEnd(of life: SimulatedRun) throws {
        untold = commands(life.heard.holds)
        let isAlive = try life.engine.group(ofLiving: session) != nil || life.state(session).status.needsHolder
        isOrphaned = isOrphaned || isAlive
        troubles.formUnion(life.heard.troubles)
        // The recovery tidies up what this life has left undone.
        refusedAt = nil
    }

    /// While nothing can be written, nothing is commanded but what leaves the column safe.
    private mutating func commands(_ holds: [NewsHeard.Hold]) -> [String] {
        let ledger = world.column().ledger
        var problems: [String] = []
        for entry in ledger.dropFirst(lines) {
            if entry.kind == .connect { isOrphaned = false }
            if entry.kind == .command, !entry.leavesSafe, holds.contains(where: { $0.covers(entry.at) }) {
                problems.append("\(entry.name ?? "") was commanded while the store could not be written")
            }
        }
        lines = ledger.count
        return problems
    }

    /// No run lives: the link is closed, and the valves are, or somebody is told to look at them.
    private func atRest(_ disk: FailingStore) throws -> [String] {
        let column = world.column()
        var problems: [String] = []
        if let client = column.connectedClient { problems.append("no run lives, and client \(client) is connected") }
        guard column.areValvesOpen, !isOrphaned, disk.failure == nil,
            let state = try world.store.state(of: session)?.state, !state.status.needsHolder
        else { return problems }
        let told: Set<String> = ["valves", "scopeLock", "operatorStopped"]
        if !state.notices.contains(where: { told.contains($0.id) }) {
            problems.append("\(state.status) with open valves, and nobody is told")
        }
        return problems
    }

    /// A run that waits for its store has closed the valves, or says that nobody knows.
    private func held(_ life: SimulatedRun) -> [String] {
        guard let trouble = life.heard.trouble, trouble.since.advanced(by: Self.closing) < life.executor.now else { return [] }
        switch trouble.valves {
        case .closed: return world.column().areValvesOpen ? ["the valves are open, and are told of as closed"] : []
        case .beingClosed: return ["the valves are being closed for longer than \(Self.closing)"]
        case .unknown: return []
        }
    }
}

extension LedgerEntry {
    /// What leaves a column safe, and the greeting of a link that is opened for that.
    fileprivate var leavesSafe: Bool {
        switch name {
        case "setValves": args != ["open"]
        case "setImageShift", "tilt", "echo": true
        default: false
        }
    }
}
