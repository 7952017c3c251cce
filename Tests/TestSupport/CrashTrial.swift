import Engine
import RunModel
import Simulator
import Store
import Synchronization

/// One small session whose servers end at chosen moments, one after the other, carried to its end all the same.
public struct CrashTrial {
    private let world: SimulatedWorld
    private let session: SessionID = "reference"
    private var life: SimulatedRun
    private var disk: CrashingStore
    /// What a person says of an exposure that nobody can tell about.
    private let answer: Prompt.Answer
    private var asked = 0

    private init(grids: Int, plan: SessionPlan, answer: Prompt.Answer = .leave) throws {
        self.answer = answer
        var column = ColumnSettings()
        (column.reloadTurn, column.reloadShift) = (3, .micrometres(40))
        world = try SimulatedWorld(seed: 1, column: column)
        (life, disk) = try Self.begin(world, seed: 1)
        let (created, engine, session) = (Self.session(session, grids: grids, plan, in: world), life.engine, session)
        try life.command {
            try await engine.create(created)
            try await engine.setPauseBetweenGrids(false, session, by: "operator", command: "c")
        }
    }

    /// One of everything on each grid.
    static func session(
        _ id: SessionID, grids: Int, _ plan: SessionPlan = .screenEachGrid, in world: SimulatedWorld
    ) -> SessionCreated {
        var settings = GridSettings.quick
        settings.plan = plan
        (settings.squaresPerGrid, settings.holesPerSquare, settings.exposuresPerHole) = (1, 1, 1)
        return world.session(id.rawValue, grids: grids, settings: settings)
    }

    /// Ends one life after the other, each at its point.
    ///
    /// False where a life never met its point, or where a later one met it when it had already gone on with the session: that is no recovery
    /// any more, and its steps are those of a first life. Where a person is asked what became of an exposure, each answer is given in turn.
    public static func run(_ points: [CrashPoint], of reference: CrashSteps) throws -> Bool {
        let (isMet, isAsked) = try run(points, of: reference, answer: .leave)
        // Where the exposure is taken again, the later points may lie beyond the recovery.
        if isAsked { _ = try run(points, of: reference, answer: .again) }
        return isMet
    }

    private static func run(
        _ points: [CrashPoint], of reference: CrashSteps, answer: Prompt.Answer
    ) throws -> (isMet: Bool, isAsked: Bool) {
        var trial = try CrashTrial(grids: reference.grids, plan: reference.plan, answer: answer)
        for (number, point) in points.enumerated() {
            if number > 0 { (trial.life, trial.disk) = try begin(trial.world, seed: UInt64(number) + 1) }
            let done = trial.done
            guard try trial.end(at: point, reference) else { return (false, trial.asked > 0) }
            if number > 0, trial.done > done { return (false, trial.asked > 0) }
        }
        (trial.life, trial.disk) = try begin(trial.world, seed: 99)
        try trial.finish(reference)
        return (true, trial.asked > 0)
    }

    /// The steps of a first life that nothing ends.
    public static func reference(grids: Int = 2, _ plan: SessionPlan = .screenEachGrid) throws -> CrashSteps {
        var trial = try CrashTrial(grids: grids, plan: plan)
        var steps = CrashSteps(grids: grids, plan: plan, firstChange: trial.disk.changes + 1)
        let column = trial.world.column()
        let life = trial.life
        let way = try trial.advance {
            while steps.commands.count < column.counters.commands { steps.commands.append(life.executor.now) }
            return false
        }
        guard way == .finished else { throw Broken(problems: ["the undisturbed session does not end: \(way)"]) }
        (steps.lastChange, steps.exposures) = (trial.disk.changes, Set(trial.exposed))
        return steps
    }

    /// Commands that go on with the session, so far.
    private var done: Int {
        let names: Set<String?> = [
            "load", "acquireAtlas", "moveStage", "realign", "findEucentricHeight", "acquire", "autofocus", "record",
        ]
        return world.column().ledger.count { $0.kind == .command && names.contains($0.name) }
    }
    private var exposed: [String] {
        world.column().ledger.filter { $0.kind == .exposure && $0.preset == "R" }.compactMap(\.name)
    }

    private static func begin(_ world: SimulatedWorld, seed: UInt64) throws -> (SimulatedRun, CrashingStore) {
        let living = Living()
        let disk = CrashingStore { living.run?.kill() }
        let life = try SimulatedRun.brisk(world, seed: seed) {
            $0.caller = disk
            // The recovery's own changes are steps like any other.
            $0.store = $0.store.called(by: disk)
        }
        living.run = life
        return (life, disk)
    }

    private mutating func end(at point: CrashPoint, _ reference: CrashSteps) throws -> Bool {
        let (column, before) = (world.column(), world.column().counters.commands)
        switch point {
        case .store(let change, let isWritten):
            disk.end(at: change, isWritten: isWritten)
            return try goOn { false } == .dead
        case .microscope(let command, let isHalfDone):
            guard try goOn(until: { column.counters.commands >= before + command }) == .there else { return false }
            if isHalfDone { life.executor.run(for: reference.pause(after: command) / 2) }
            life.kill()
            return true
        }
    }

    private enum Way { case there, dead, finished, stuck }

    /// The same as `advance`, in a life that is to be ended: one that hangs before is no life that has ended.
    private mutating func goOn(until isThere: () -> Bool) throws -> Way {
        let way = try advance(until: isThere)
        if way == .stuck { throw Broken(problems: ["life hangs: \(try life.state(session).status)"]) }
        return way
    }

    /// Presses Start once the server is there, answers what is asked, and runs until something has come of it.
    private mutating func advance(until isThere: () -> Bool) throws -> Way {
        let (life, session, begun) = (life, session, Flag())
        life.executor.start {
            await life.engine.untilReady()
            defer { begun.set() }
            // Refused where nothing is left to do.
            try? await life.engine.start(session, by: "operator", forced: false, command: "c")
        }
        while true {
            var told = -1
            var state: SessionState?
            life.executor.run(
                until: {
                    if isThere() { return true }
                    guard life.told != told || begun.isSet && state == nil else { return false }
                    told = life.told
                    state = begun.isSet ? try? life.state(session) : nil
                    return state.map { !$0.status.needsHolder || $0.prompt != nil } ?? false
                }, limitSteps: 300_000)
            if life.executor.isAbandoned { return .dead }
            if isThere() { return .there }
            guard let state else { return .stuck }
            if !state.status.needsHolder { return .finished }
            guard let prompt = state.prompt else { return .stuck }
            try answer(prompt)
        }
    }

    private mutating func answer(_ prompt: Prompt) throws {
        let answer: Prompt.Answer
        switch prompt.kind {
        case .exposureUnknown: (asked, answer) = (asked + 1, self.answer)
        case .atlasesTaken: answer = .collect
        default: throw Broken(problems: ["asked about \(prompt.kind.rawValue)"])
        }
        let (engine, session) = (life.engine, session)
        // The answer may be the very change at which this life ends.
        life.executor.start {
            try await engine.answer(prompt.id, of: session, with: answer.rawValue, by: "operator", command: "c")
        }
        life.executor.run(for: .milliseconds(1))
    }

    /// What a run that ended in order has left at the microscope. Where the newest link was that of a server that died, nobody has tidied up since.
    private func left(since line: Int) -> [String] {
        let column = world.column()
        guard column.ledger.dropFirst(line).contains(where: { $0.kind == .connect }) else { return [] }
        return [
            column.claim == nil ? nil : "its claim stands at the end",
            column.connectedClient == nil ? nil : "its link is open at the end",
            column.areValvesOpen ? "the valves are open at the end" : nil,
        ].compactMap(\.self)
    }

    /// Of an exposure's name: without the numbers of hole and exposure.
    private static func square(_ name: String) -> String { name.split(separator: "_").dropLast(2).joined(separator: "_") }

    private mutating func finish(_ reference: CrashSteps) throws {
        let line = world.column().ledger.count
        let way = try advance { false }
        life.executor.run(for: .seconds(60))
        let invariants = ChaosInvariants(world: world, session: session)
        let told = try invariants.told()
        let events = try told.map { try $0.stored() }
        var problems = try invariants.broken(told, events) + invariants.brokenAtTheEnd(events)
        if way != .finished { problems.append("the session does not end: \(way)") }
        let state = try life.state(session)
        if state.grids.contains(where: { $0.status != .completed }) { problems.append("a grid is not completed") }
        // Whatever was begun, by name: as an image, or left by a person who was asked about it. Of the squares that an undisturbed session takes, as
        // many as it takes; a square that was looked at anew may offer another of its holes.
        let known = try invariants.micrographs()
        let images = Set(known.filter(\.status.isTaken).map { ChaosInvariants.base(ChaosInvariants.name($0)) })
        let left = Set(known.filter { $0.status == .left }.map { ChaosInvariants.base(ChaosInvariants.name($0)) })
        let had = images.union(left)
        if had.count != reference.exposures.count || Set(had.map(Self.square)) != Set(reference.exposures.map(Self.square)) {
            problems.append("images \(images.sorted()) and left \(left.sorted()), of \(reference.exposures.sorted())")
        }
        let lost = Set(ChaosInvariants.attempts(events).map { ChaosInvariants.base($0.name) }).subtracting(had)
        if !lost.isEmpty { problems.append("\(lost.sorted()) were begun and are lost") }
        if answer == .again, !left.isEmpty { problems.append("\(left.sorted()) were left, and were to be taken again") }
        problems += self.left(since: line)
        guard problems.isEmpty else { throw Broken(problems: problems) }
    }

    public struct Broken: Error, CustomStringConvertible {
        public let problems: [String]
        public init(problems: [String]) { self.problems = problems }
        public var description: String { problems.joined(separator: "; ") }
    }
}

/// The steps of a life that nothing ends.
public struct CrashSteps: Sendable {
    public let grids: Int
    public let plan: SessionPlan
    /// Changes of the store from Start to the end.
    public var firstChange: Int
    public var lastChange = 0
    /// When each command to the microscope began.
    public var commands: [VirtualInstant] = []
    /// Names of the exposures that it made.
    public var exposures: Set<String> = []

    func pause(after command: Int) -> Duration {
        command < commands.count ? commands[command - 1].duration(to: commands[command]) : .milliseconds(20)
    }

    /// Every step of it, as a place to end.
    public var points: [CrashPoint] {
        (firstChange...lastChange).flatMap { [.store(change: $0, isWritten: false), .store(change: $0, isWritten: true)] }
            + (1...commands.count).flatMap {
                [.microscope(command: $0, isHalfDone: false), .microscope(command: $0, isHalfDone: true)]
            }
    }
}

/// A life that its own store can end.
private final class Living: Sendable {
    private let state = Mutex<SimulatedRun?>(nil)
    var run: SimulatedRun? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
