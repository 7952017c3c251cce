import Engine
import RunModel
import Simulator
import Store

/// One small session that is stopped at a chosen step, on a disk that answers or one that falls silent at that very step.
public struct StopTrial {
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
    public static func run(_ point: CrashPoint, disk silent: Bool, of reference: CrashSteps) throws -> Bool {
        var trial = try StopTrial()
        guard try trial.reach(point, silent, reference) else { return false }
        try trial.stop()
        try trial.finish(reference)
        guard trial.problems.isEmpty else { throw CrashTrial.Broken(problems: trial.problems) }
        return true
    }

    private init() throws {
        let disk = FailingStore()
        (world, self.disk) = (try SimulatedWorld(seed: 1), disk)
        life = try SimulatedRun.brisk(world, seed: 1) { disk.stand(before: &$0) }
        let (created, engine, session) = (CrashTrial.session(session, grids: 2, in: world), life.engine, session)
        try life.command {
            try await engine.create(created)
            try await engine.setPauseBetweenGrids(false, session, by: "operator", command: "c")
            try await engine.start(session, by: "operator", forced: false, command: "c")
        }
    }

    private var ledger: [LedgerEntry] { world.column().ledger }

    private mutating func reach(_ point: CrashPoint, _ silent: Bool, _ reference: CrashSteps) throws -> Bool {
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
        if silent { disk.failure = .noAnswer(path: "/data/gridpilot.sqlite") }
        return try life.state(session).status.needsHolder
    }

    private mutating func stop() throws {
        let (engine, session, before) = (life.engine, session, life.executor.now)
        let taken = ledger.count
        // One whose intent is on record is under way.
        let underWay = try life.state(session).exposure != nil ? 1 : 0
        try life.command {
            // Refused where the run has just ended by itself, and where a silent disk lets nobody write the stop: it is heard all the same.
            try? await engine.stop(session, by: "operator", command: "c")
        }
        if before.duration(to: life.executor.now) > .milliseconds(200) { problems.append("the stop was heard late") }
        let column = world.column()
        if life.executor.run(until: { column.connectedClient == nil }, limitSteps: 400_000) != .reached {
            problems.append("the microscope is kept")
        }
        life.executor.run(for: .seconds(60))
        if column.connectedClient != nil { problems.append("the microscope was taken again") }
        let begun = ledger[taken...].count { $0.kind == .command && $0.name == "record" }
        if begun > underWay { problems.append("\(begun) exposures were begun after the stop, \(underWay) was under way") }
        if world.column().areValvesOpen { problems.append("the valves stay open") }
    }

    /// The disk answers again, somebody presses Start, and all is there.
    private mutating func finish(_ reference: CrashSteps) throws {
        disk.failure = nil
        life.executor.run(for: .seconds(600))
        let stopped = try life.state(session)
        if stopped.status != .stopped && stopped.status != .completed {
            problems.append("the stopped session is \(stopped.status)")
        }
        let (engine, session) = (life.engine, session)
        try life.command { try? await engine.start(session, by: "operator", forced: false, command: "c") }
        _ = try life.run(session) { !$0.status.needsHolder }
        life.executor.run(for: .seconds(60))
        let invariants = ChaosInvariants(world: world, session: session)
        let told = try invariants.told()
        problems += try invariants.broken(told, told.map { try $0.stored() }) + invariants.brokenAtTheEnd()
        let images = try life.state(session).grids.reduce(0) { $0 + $1.images }
        if images != reference.exposures { problems.append("\(images) images of \(reference.exposures)") }
    }
}
