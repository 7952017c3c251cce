import Engine
import RunModel
import Simulator

/// A session in the hands of a careless operator, a failing microscope and a server that is killed: all by one seed.
public struct Chaos {
    public let world: SimulatedWorld
    /// Under the store, for all lives.
    let disk = FailingStore()
    public private(set) var life: SimulatedRun
    public let session: SessionID = "chaos"
    var random: SeededGenerator
    /// What was done, for the report of a seed that fails.
    public internal(set) var story: [String] = []
    /// What the server's ends cut into: what a story must have met to prove anything.
    public internal(set) var met: Set<Met> = []
    public enum Met: String, Sendable, CaseIterable {
        case killInExposure, promptOutlivedKill, staleLock, shutdown, killedBeforeConnecting, killLostChange, killWroteChange
        case failedRecovery, clockSetInRun, stopOnSilentDisk, killOnSilentDisk
    }
    /// Faults of the microscope that had an effect, and those of the store.
    public internal(set) var faultsMet: [String] = []
    var faultsMade: [SimulatedFault] = []
    /// Rules that did not hold after an act; a story ends with the first.
    public private(set) var problems: [String] = []
    var watch: ChaosWatch

    private let order: SeededExecutor.Order

    public init(seed: UInt64, order: SeededExecutor.Order = .seeded) throws {
        self.order = order
        random = SeededGenerator(seed: seed)
        world = try SimulatedWorld(seed: seed, column: .named)
        watch = ChaosWatch(world: world, session: session)
        life = try Self.begin(world, disk, seed: seed, order)
        let created = world.session(
            session.rawValue, grids: random.isOnce(in: 3) ? 1 : 2, settings: Self.settings(by: &random, seed))
        let life = life
        try life.command { try await life.engine.create(created) }
    }

    /// One of everything, or two.
    private static func settings(by random: inout SeededGenerator, _ seed: UInt64) -> GridSettings {
        var settings = GridSettings.quick
        if seed % 4 == 3 { settings.plan = .atlasesFirst }
        settings.squaresPerGrid = random.isOnce(in: 3) ? 2 : 1
        settings.holesPerSquare = random.isOnce(in: 3) ? 2 : 1
        settings.exposuresPerHole = random.isOnce(in: 3) ? 2 : 1
        return settings
    }

    private static func begin(
        _ world: SimulatedWorld, _ disk: FailingStore, seed: UInt64, _ order: SeededExecutor.Order
    ) throws -> SimulatedRun {
        // What was begun is written: a disk that is slower than the server's end.
        disk.failure = nil
        let life = try SimulatedRun.brisk(world, seed: seed, order: order, failingMovies: 20) {
            disk.stand(before: &$0)
            // The recovery's own changes fail as well.
            $0.store = $0.store.called(by: disk)
        }
        disk.takesTime(of: life.executor)
        try life.becomeReady()
        return life
    }

    /// The server has ended, and the next one begins: where its recovery cannot write, that is tried again, as whoever watches over it does.
    private mutating func beginAgain() throws {
        try watch.noteEnd(of: life)
        life.kill()
        if disk.hasBegun {
            // A change that hung when the server ended reaches the disk, or never does.
            let isLost = random.isOnce(in: 2)
            met.insert(isLost ? .killLostChange : .killWroteChange)
            if isLost { disk.loseBegun() }
        }
        disk.fail(changes: random.isOnce(in: 4) ? [disk.changes + random.index(below: 3) + 1] : [])
        life = try Self.begin(world, disk, seed: random.next(), order)
        guard life.hasEnded else { return }
        story.append("the recovery fails")
        met.insert(.failedRecovery)
        life.kill()
        disk.fail(changes: [])
        life = try Self.begin(world, disk, seed: random.next(), order)
    }

    /// Does something, lets time pass, and again.
    public mutating func rage(_ actions: Int) throws {
        for _ in 0..<actions where problems.isEmpty {
            try act()
            let milliseconds = [300, 2000, 40_000, 200_000][random.index(below: 4)]
            try pass(.milliseconds(random.index(below: milliseconds) + 1))
            problems = try watch.broken(life, disk)
        }
    }

    /// Throws where something goes in circles.
    func pass(_ duration: Duration) throws {
        if life.executor.run(for: duration) == .outOfSteps { throw SeededExecutor.Unfinished(outcome: .outOfSteps) }
    }

    private mutating func act() throws {
        switch random.index(below: 28) {
        case 0...4: try order("start") { engine, session in try await engine.start(session, by: "operator", command: "c") }
        case 5:
            try order("stop") { engine, session in try await engine.stop(session, by: "operator", command: "c") }
            // At once, or not before the next act.
            if random.isOnce(in: 2) { try takeBack() }
        case 6: try takeBack()
        case 7: try order("kill") { engine, session in try await engine.forceKill(session, by: "staff", command: "c") }
        case 8:
            try order("force start") { engine, session in try await engine.start(session, by: "staff", forced: true, command: "c")
            }
        case 9: try order("remove lock") { engine, _ in try await engine.removeLock(of: "scope-1") }
        case 10: try crash()
        case 11...14: try answer()
        case 15:
            let enabled = random.isOnce(in: 2)
            try order("pause \(enabled)") { engine, session in
                try await engine.setPauseBetweenGrids(enabled, session, by: "operator", command: "c")
            }
        case 16: try editQueue()
        case 17: changeFreeSpace()
        case 18: try shutDown()
        case 19: changeCassette()
        case 20, 21: breakStore()
        case 22: changeFolder()
        case 23: try setClock()
        case 27: if random.isOnce(in: 3) { try changeSettings() } else { try changeGrids() }
        default: breakSomething()
        }
    }

    /// A command that may be refused; a refusal changes nothing and is part of the story.
    mutating func order(
        _ what: String, _ body: @escaping @Sendable (Engine, SessionID) async throws -> Void
    ) throws {
        let (engine, session) = (life.engine, session)
        let refusal = try life.command { () -> String? in
            do {
                try await body(engine, session)
                return nil
            } catch let error as EngineError {
                return error.code
            }
        }
        story.append(refusal.map { "\(what): \($0)" } ?? what)
        if refusal == nil, disk.failure?.code == "store.noAnswer" {
            if what == "stop" { met.insert(.stopOnSilentDisk) }
            if what == "kill" { met.insert(.killOnSilentDisk) }
        }
        // What a command sets going is carried out before the next one comes.
        if order == .asTheyCame { try pass(.zero) }
    }

    private mutating func takeBack() throws {
        try order("cancel") { engine, session in try await engine.cancelStop(session, by: "operator", command: "c") }
    }

    private mutating func crash() throws {
        if random.isOnce(in: 2) { try waitForShutter() }
        story.append("kill -9")
        let state = try life.state(session)
        if state.exposure != nil { met.insert(.killInExposure) }
        if state.prompt != nil { met.insert(.promptOutlivedKill) }
        if state.status == .starting { met.insert(.killedBeforeConnecting) }
        if world.lockFile() != nil { met.insert(.staleLock) }
        try beginAgain()
    }

    /// Runs into the middle of the next exposure, where there is one soon.
    private mutating func waitForShutter() throws {
        let column = world.column()
        var seen = 0
        let (executor, end) = (life.executor, life.executor.now.advanced(by: .seconds(600)))
        let way = executor.run(
            until: {
                // By time and not by jobs: how many of those lie between two commands is nobody's business.
                if executor.now >= end { return true }
                let commands = column.counters.commands
                guard commands != seen else { return false }
                seen = commands
                return column.ledger.last?.name == "record"
            })
        if way == .outOfSteps { throw SeededExecutor.Unfinished(outcome: way) }
        try pass(.milliseconds(random.index(below: 6000)))
    }

    private mutating func shutDown() throws {
        story.append("shutdown")
        met.insert(.shutdown)
        // Not at the very moment at which a command of the column ends.
        let (engine, deadline) = (life.engine, Duration.seconds(random.index(below: 20)) + .microseconds(371))
        try life.command { await engine.shutDown(within: deadline) }
        try beginAgain()
    }

    private mutating func answer() throws {
        guard let prompt = try life.state(session).prompt else { return }
        let answer = prompt.answers[random.index(below: prompt.answers.count)].rawValue
        try order("answer \(prompt.kind.rawValue) \(answer)") { engine, session in
            try await engine.answer(prompt.id, of: session, with: answer, by: "operator", command: "c")
        }
    }

    private mutating func editQueue() throws {
        let state = try life.state(session)
        var edit = QueueEdit(version: state.queue.version)
        if let item = state.queue.items.last { if item.isSkipped { edit.unskip = [item.id] } else { edit.skip = [item.id] } }
        if let grid = state.current,
            let found = try world.store.targets(of: grid)?.filter({ $0.status == .found && $0.id.kind == .hole }),
            !found.isEmpty
        {
            edit.add = [found[random.index(below: found.count)].id]
        }
        switch random.index(below: 4) {
        case 0: edit.first = state.queue.items.suffix(1).map(\.id)
        case 1: edit.order = state.queue.items.map(\.id).reversed()
        case 2: if edit.skip.isEmpty, edit.unskip.isEmpty { edit.remove = state.queue.items.prefix(1).map(\.id) }
        default: break
        }
        let asked = edit
        try order("queue \(asked)") { engine, session in
            try await engine.edit(asked, of: session, by: "operator", command: "c")
        }
    }

    private mutating func breakSomething() {
        let faults: [SimulatedFault] = [
            SimulatedFault(.linkLost, command: "record", number: nil, moment: .before, times: 1),
            SimulatedFault(.linkLost, command: "record", moment: .during, times: 1),
            SimulatedFault(.linkLost, command: "record", moment: .after, times: 1),
            SimulatedFault(.linkLost, command: "moveStage", moment: .during, times: 1),
            SimulatedFault(.nitrogenFill, seconds: 300, times: 1),
            SimulatedFault(.loaderJam, slot: random.index(below: 2) + 1, times: 1),
            SimulatedFault(.halfWritten, times: 1),
            SimulatedFault(.slowStage, factor: 8, times: 3),
            SimulatedFault(.darkImages, command: "realign", times: 2),
            SimulatedFault(.darkImages, command: "record", times: random.index(below: 3) + 2),
            SimulatedFault(.frozenImages, times: random.index(below: 3) + 2),
            SimulatedFault(.wrongCartridge, times: 1),
            SimulatedFault(.valveShut, at: 0),
        ]
        let fault = faults[random.index(below: faults.count)]
        story.append("fault \(fault.kind.rawValue) \(fault.moment?.rawValue ?? "")")
        faultsMade.append(fault)
        world.column().add(fault)
    }

    /// Somebody at the loader: a cartridge taken out or put in, or another in its place.
    private mutating func changeCassette() {
        let (slot, name) = (random.index(below: 3) + 1, "cartridge \(random.index(below: 5))")
        let takesOut = random.isOnce(in: 3)
        story.append(takesOut ? "slot \(slot) emptied or filled" : "slot \(slot) holds \(name)")
        world.column().changeCassette { cassette in
            if !takesOut {
                cassette.names[slot] = name
            } else if cassette.emptySlots.remove(slot) == nil {
                cassette.emptySlots.insert(slot)
            }
        }
    }

    /// Once a minute has passed since the end: a run that could end in order has left nothing of itself at the microscope.
    mutating func brokenAtRest() throws -> [String] {
        problems = try watch.broken(life, disk)
        let (column, state) = (world.column(), try life.state(session))
        guard !watch.isOrphaned, state.status == .completed, state.notices.isEmpty else { return problems }
        if column.areValvesOpen { problems.append("the valves are open at the end") }
        if let claim = column.claim { problems.append("a claim with lock number \(claim.epoch) stands at the end") }
        return problems
    }

    /// Of grids that are closed as well: the next start asks the microscope about them.
    private var hasOpenExposures: Bool {
        get throws {
            try !world.store.openExposures(of: session).isEmpty || !world.store.unknownExposures(of: session).isEmpty
        }
    }

    /// Mends what was broken and carries the session to its end. False when it does not get there.
    public mutating func carryToTheEnd() throws -> Bool {
        noteFaults()
        world.freeBytes = 4_000_000_000_000
        world.folderProblem = nil
        disk.failure = nil
        disk.fail(changes: [])
        world.column().setFaults([])
        world.column().changeCassette { $0.emptySlots = [] }
        // What a collecting pass has left out stays so; all else is worked through.
        try order("plan") { engine, session in
            try await engine.setPlan(.screenEachGrid, session, by: "operator", command: "c")
        }
        for _ in 0..<60 {
            let state = try life.state(session)
            if state.grids.allSatisfy({ [.completed, .leftOut, .aborted].contains($0.status) }), !state.status.needsHolder,
                try !hasOpenExposures
            {
                return true
            }
            if !state.status.needsHolder {
                try order("start") { engine, session in try await engine.start(session, by: "operator", command: "c") }
            }
            // Valves that somebody closed are opened by the next start.
            if state.notices.contains(where: { $0.id == "valves" }) {
                try order("stop") { engine, session in try await engine.stop(session, by: "operator", command: "c") }
            }
            if let prompt = state.prompt {
                let answer = (prompt.kind == .cassetteChanged ? .load : prompt.answers.last ?? .next).rawValue
                try order("answer \(prompt.kind.rawValue) \(answer)") { engine, session in
                    try await engine.answer(prompt.id, of: session, with: answer, by: "operator", command: "c")
                }
            }
            try pass(.seconds(600))
            problems = try watch.broken(life, disk)
            if !problems.isEmpty { return false }
        }
        return false
    }
}

extension ColumnSettings {
    /// Cartridges that a loader can tell apart.
    fileprivate static var named: ColumnSettings {
        var settings = ColumnSettings()
        for slot in 1...settings.slots { settings.names[slot] = "cartridge \(slot)" }
        (settings.reloadTurn, settings.reloadShift) = (3, .micrometres(40))
        return settings
    }
}
