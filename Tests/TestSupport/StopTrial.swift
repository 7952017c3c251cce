import Engine
import RunModel
import Simulator
import Store

/// One small session that is stopped at a chosen step, on a disk that answers or one that falls silent.
public struct StopTrial {
    /// What the stop meets.
    public enum Disk: String, Sendable, CaseIterable {
        case answers, fallsSilent, isSilent

        public var words: String {
            switch self {
            case .answers: "with a disk that answers"
            case .fallsSilent: "with a disk that falls silent then"
            case .isSilent: "with a disk that has been silent for ten seconds"
            }
        }
    }

    private let world: SimulatedWorld
    private let session: SessionID = "reference"
    private let life: SimulatedRun
    private let disk: FailingStore
    private var problems: [String] = []

    /// The moments at which the stop comes: before each change of the store, at each command and half-way to the next.
    public static func points(of reference: CrashSteps) -> [CrashPoint] {
        reference.points.filter { if case .store(_, isWritten: true) = $0 { false } else { true } }
    }

    /// Stops at the point; false where the session ended before it.
    public static func run(_ point: CrashPoint, disk: Disk, of reference: CrashSteps) throws -> Bool {
        var trial = try StopTrial()
        guard try trial.reach(point, disk, reference) else { return false }
        try trial.stop(disk, reference)
        guard trial.problems.isEmpty else { throw CrashTrial.Broken(problems: trial.problems) }
        return true
    }

    private init() throws {
        let disk = FailingStore()
        (world, self.disk) = (try SimulatedWorld(seed: 1), disk)
        life = try SimulatedRun.brisk(world, seed: 1) { disk.stand(before: &$0) }
        disk.takesTime(of: life.executor)
        let (created, engine, session) = (CrashTrial.session(session, grids: 2, in: world), life.engine, session)
        try life.command {
            try await engine.create(created)
            try await engine.setPauseBetweenGrids(false, session, by: "operator", command: "c")
            try await engine.start(session, by: "operator", forced: false, command: "c")
        }
    }

    /// Exposures that were begun at the microscope.
    private var begun: [String] {
        world.column().ledger.compactMap { $0.kind == .command && $0.name == "record" ? $0.args?.first : nil }
    }

    private mutating func reach(_ point: CrashPoint, _ silence: Disk, _ reference: CrashSteps) throws -> Bool {
        let (column, disk, executor) = (world.column(), disk, life.executor)
        let isThere: () -> Bool
        switch point {
        case .store(let change, _):
            // One short of it: the change that is stopped at is the first that meets the silence.
            isThere = { disk.changes >= change - 1 }
        case .microscope(let command, _): isThere = { column.counters.commands >= command }
        }
        guard executor.run(until: isThere, limitSteps: 400_000) == .reached else { return false }
        if case .microscope(let command, isHalfDone: true) = point { executor.run(for: reference.pause(after: command) / 2) }
        if silence != .answers { disk.failure = .noAnswer(path: "/data/gridpilot.sqlite") }
        let isRunning = try life.state(session).status.needsHolder
        if silence == .isSilent { executor.run(for: .seconds(10)) }
        return isRunning
    }

    /// The exposure whose intent is on record and whose command has not been sent: it is under way, and no other is begun.
    private func underWay() throws -> [String] {
        guard let open = try life.state(session).exposure?.micrograph,
            let micrograph = try world.store.micrograph(open)
        else { return [] }
        let name = ChaosInvariants.name(micrograph)
        return begun.contains(name) ? [] : [name]
    }

    private mutating func stop(_ silence: Disk, _ reference: CrashSteps) throws {
        let (engine, session, before) = (life.engine, session, life.executor.now)
        let (done, underWay) = (begun, try underWay())
        // Whoever asks is on a thread of their own: a call that the run begins at this moment is cut short like any other.
        disk.hurry(for: session)
        let isRefused = try life.command {
            do { try await engine.stop(session, by: "operator", command: "c") } catch { return true }
            return false
        }
        if before.duration(to: life.executor.now) > .milliseconds(200) { problems.append("the stop was heard late") }
        let column = world.column()
        if life.executor.run(until: { column.connectedClient == nil }, limitSteps: 400_000) != .reached {
            problems.append("the microscope is kept")
        }
        life.executor.run(for: .seconds(60))
        if column.connectedClient != nil { problems.append("the microscope was taken again") }
        let later = begun.dropFirst(done.count)
        if !later.allSatisfy(underWay.contains) { problems.append("\(later) begun after the stop, under way: \(underWay)") }
        if world.column().areValvesOpen { problems.append("the valves stay open") }
        // With nothing left to take, the run may come to its end before it hears.
        let isLeft = Set(done + underWay) != reference.exposures
        if isRefused, isLeft { problems.append("the stop is refused") }
        try finish(reference, mayBeComplete: !isLeft)
    }

    /// The disk answers again, somebody presses Start, and all is there.
    private mutating func finish(_ reference: CrashSteps, mayBeComplete: Bool) throws {
        disk.failure = nil
        life.executor.run(for: .seconds(600))
        let stopped = try life.state(session)
        if stopped.status != .stopped, !mayBeComplete || stopped.status != .completed {
            problems.append("the stopped session is \(stopped.status)")
        }
        let (engine, session) = (life.engine, session)
        // Refused where nothing is left to do.
        try life.command { try? await engine.start(session, by: "operator", forced: false, command: "c") }
        _ = try life.run(session) { !$0.status.needsHolder }
        life.executor.run(for: .seconds(60))
        let invariants = ChaosInvariants(world: world, session: session)
        let told = try invariants.told()
        let events = try told.map { try $0.stored() }
        problems += try invariants.broken(told, events) + invariants.brokenAtTheEnd(events)
        // A square that was looked at anew may offer another hole; what was begun is among the images all the same.
        let images = try invariants.micrographs().filter(\.status.isTaken).map { ChaosInvariants.base(ChaosInvariants.name($0)) }
        let lost = Set(begun.map(ChaosInvariants.base)).subtracting(images)
        if images.count != reference.exposures.count || !lost.isEmpty {
            problems.append("images \(images), without \(lost.sorted()), of \(reference.exposures.count)")
        }
        if try life.state(session).status != .completed { problems.append("the session is not completed") }
    }
}
