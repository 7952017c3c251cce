import Engine
import RunModel
import Simulator
import Store

/// A session in the hands of a careless operator, a failing microscope and a server that is killed: all by one seed.
public struct Chaos {
    public let world: SimulatedWorld
    /// Under the store, for all lives.
    private let disk = FailingStore()
    public private(set) var life: SimulatedRun
    public let session: SessionID = "chaos"
    var random: SeededGenerator
    /// What was done, for the report of a seed that fails.
    public private(set) var story: [String] = []
    /// What the server's ends cut into: what a story must have met to prove anything.
    public private(set) var met: Set<Met> = []
    public enum Met: String, Sendable, CaseIterable {
        case killInExposure, promptOutlivedKill, staleLock, shutdown, killedBeforeConnecting
    }

    private let order: SeededExecutor.Order

    public init(seed: UInt64, order: SeededExecutor.Order = .seeded) throws {
        self.order = order
        random = SeededGenerator(seed: seed)
        world = try SimulatedWorld(seed: seed, column: .named)
        life = try Self.begin(world, disk, seed: seed, order)
        let created = world.session(session.rawValue, grids: 2, settings: Self.settings(by: &random))
        let life = life
        try life.command { try await life.engine.create(created) }
    }

    /// One or two of everything.
    private static func settings(by random: inout SeededGenerator) -> GridSettings {
        var settings = GridSettings.quick
        settings.squaresPerGrid = random.index(below: 2) + 1
        settings.holesPerSquare = random.index(below: 2) + 1
        settings.exposuresPerHole = random.index(below: 2) + 1
        return settings
    }

    private static func begin(
        _ world: SimulatedWorld, _ disk: FailingStore, seed: UInt64, _ order: SeededExecutor.Order
    ) throws -> SimulatedRun {
        // A server does not start on a store that cannot be written.
        disk.failure = nil
        disk.fail(changes: [])
        let life = try SimulatedRun.brisk(world, seed: seed, order: order, failingMovies: 20) { disk.stand(before: &$0) }
        try life.command { await life.engine.untilReady() }
        return life
    }

    /// Does something, lets time pass, and again.
    public mutating func rage(_ actions: Int) throws {
        for _ in 0..<actions {
            try act()
            let milliseconds = [300, 2000, 40_000, 200_000][random.index(below: 4)]
            life.executor.run(for: .milliseconds(random.index(below: milliseconds) + 1))
        }
    }

    private mutating func act() throws {
        switch random.index(below: 27) {
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
        case 17:
            world.freeBytes = [1_000_000, nil, 4_000_000_000_000, 4_000_000_000_000][random.index(below: 4)]
            story.append("disk \(world.freeBytes.map { "\($0)" } ?? "silent")")
        case 18: try shutDown()
        case 19: changeCassette()
        case 20, 21: breakStore()
        case 22: changeFolder()
        case 23: setClock()
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
        // What a command sets going is carried out before the next one comes.
        if order == .asTheyCame { life.executor.run(for: .zero) }
    }

    private mutating func takeBack() throws {
        try order("cancel") { engine, session in try await engine.cancelStop(session, by: "operator", command: "c") }
    }

    private mutating func crash() throws {
        if random.isOnce(in: 2) { waitForShutter() }
        story.append("kill -9")
        let state = try life.state(session)
        if state.exposure != nil { met.insert(.killInExposure) }
        if state.prompt != nil { met.insert(.promptOutlivedKill) }
        if state.status == .starting { met.insert(.killedBeforeConnecting) }
        if world.lockFile() != nil { met.insert(.staleLock) }
        life.kill()
        life = try Self.begin(world, disk, seed: random.next(), order)
    }

    /// Runs into the middle of the next exposure, where there is one soon.
    private mutating func waitForShutter() {
        let column = world.column()
        var seen = 0
        let (executor, end) = (life.executor, life.executor.now.advanced(by: .seconds(600)))
        executor.run(
            until: {
                // By time and not by jobs: how many of those lie between two commands is nobody's business.
                if executor.now >= end { return true }
                let commands = column.counters.commands
                guard commands != seen else { return false }
                seen = commands
                return column.ledger.last?.name == "record"
            })
        life.executor.run(for: .milliseconds(random.index(below: 6000)))
    }

    private mutating func shutDown() throws {
        story.append("shutdown")
        met.insert(.shutdown)
        // Not at the very moment at which a command of the column ends.
        let (engine, deadline) = (life.engine, Duration.seconds(random.index(below: 20)) + .microseconds(371))
        try life.command { await engine.shutDown(within: deadline) }
        life.kill()
        life = try Self.begin(world, disk, seed: random.next(), order)
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

    private mutating func breakStore() {
        let path = "/data/gridpilot.sqlite"
        let failures: [StoreError?] = [
            nil, nil, nil, .full(path: path), .noAnswer(path: path), .noAnswer(path: path), .readOnly(path: path),
            .refused(path: path, detail: "disk I/O error"),
        ]
        if random.isOnce(in: 2) {
            let change = disk.changes + random.index(below: 12) + 1
            disk.fail(changes: [change])
            story.append("change \(change) of the store fails")
        } else {
            disk.failure = failures[random.index(below: failures.count)]
            story.append("store \(disk.failure?.code ?? "healthy")")
        }
    }

    private mutating func changeFolder() {
        let path = "/data/\(session)"
        let problems: [RunFileError?] = [
            nil, nil, .missing(path: path), .folderChanged(path: path), .folderUnusable(path: path, reason: "it is read-only"),
            .noAnswer(path: path),
        ]
        world.folderProblem = problems[random.index(below: problems.count)]
        story.append("folder \(world.folderProblem?.code ?? "as it was")")
    }

    /// Somebody sets the machine's clock.
    private mutating func setClock() {
        let hours = [-24, -1, 1, 24][random.index(below: 4)]
        world.setClock(by: hours * 3_600_000)
        story.append("clock \(hours) h")
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

    /// Mends what was broken and carries the session to its end. False when it does not get there.
    public mutating func carryToTheEnd() throws -> Bool {
        world.freeBytes = 4_000_000_000_000
        world.folderProblem = nil
        disk.failure = nil
        world.column().setFaults([])
        world.column().changeCassette { $0.emptySlots = [] }
        for _ in 0..<60 {
            let state = try life.state(session)
            if !state.grids.contains(where: { $0.status != .completed }), !state.status.needsHolder { return true }
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
            life.executor.run(for: .seconds(600))
        }
        return false
    }
}

extension ColumnSettings {
    /// Cartridges that a loader can tell apart.
    fileprivate static var named: ColumnSettings {
        var settings = ColumnSettings()
        for slot in 1...settings.slots { settings.names[slot] = "cartridge \(slot)" }
        return settings
    }
}
