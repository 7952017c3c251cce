import Engine
import Microscope
import RunModel
import TestSupport
import Testing

@Suite struct StartTests {
    /// Fifty servers' worth of starts at once, as fifty people would press it.
    private func startAll(_ ids: [SessionID], in life: SimulatedRun) throws -> [EngineError?] {
        let engine = life.engine
        return try life.command {
            await withTaskGroup(of: (Int, EngineError?).self) { group in
                for (number, id) in ids.enumerated() {
                    group.addTask {
                        do throws(EngineError) {
                            try await engine.start(id, by: "person \(number)", command: CommandID(unchecked: "c\(number)"))
                            return (number, nil)
                        } catch {
                            return (number, error)
                        }
                    }
                }
                var outcomes = [EngineError?](repeating: nil, count: ids.count)
                for await (number, outcome) in group { outcomes[number] = outcome }
                return outcomes
            }
        }
    }

    @Test func `fifty starts of fifty sessions on one microscope give exactly one run`() throws {
        try race((1...50).map { SessionID(unchecked: "s\($0)") }, seeds: Seeds.first(20))
    }

    /// Two presses for each session: the store keeps so many states at hand, which makes a thousand times affordable.
    @Test(.serialized, .longWork, arguments: 0..<8)
    func `fifty starts of many sessions on one microscope give exactly one run, a thousand times`(
        part: Int
    ) throws {
        let ids = (0..<50).map { SessionID(unchecked: "s\($0 % 25)") }
        try race(ids, seeds: Seeds.first(1000).filter { $0 % 8 == UInt64(part) })
    }

    private func race(_ ids: [SessionID], seeds: [UInt64]) throws {
        guard let first = seeds.first else { return }
        let world = try SimulatedWorld(seed: first)
        var isMade = false
        for seed in seeds {
            let life = try SimulatedRun(world, seed: seed)
            if !isMade { for id in Set(ids).sorted() { try make(id, world, life) } }
            isMade = true
            let before = try world.store.newestSeq()
            let connects = world.column().ledger.count { $0.kind == .connect }
            let outcomes = try startAll(ids, in: life)
            let winners = ids.indices.filter { outcomes[$0] == nil }
            try #require(winners.count == 1, "seed \(seed)")
            let winner = ids[winners[0]]
            try #require(try world.store.holder(of: "scope-1")?.session == winner, "seed \(seed)")
            for id in Set(ids).sorted() {
                let refusals = ids.indices.filter { ids[$0] == id }.compactMap { outcomes[$0] }
                try checkRefusals(refusals, of: id, isWinner: id == winner, winner: winner, since: before, world)
            }
            // Connected once, by the one; its end leaves the microscope free for the next seed.
            life.executor.run(for: .seconds(2))
            try #require(world.column().ledger.count { $0.kind == .connect } == connects + 1, "seed \(seed)")
            try life.command { [engine = life.engine] in try await engine.forceKill(winner, by: "staff", command: "k") }
            try #require(world.lockFile() == nil, "seed \(seed)")
            life.end()
        }
    }

    /// Each start that found the microscope held is an event and a line of that session; a second press of a start under way is neither.
    private func checkRefusals(
        _ refusals: [EngineError], of id: SessionID, isWinner: Bool, winner: SessionID, since: Int64, _ world: SimulatedWorld
    ) throws {
        let held = refusals.count { $0.code == "scopeLock.held" }
        try #require(refusals.allSatisfy { $0.code == "scopeLock.held" || $0 == .alreadyRunning(id) })
        let types = try world.store.events(on: .session(id), after: since, limit: 100).map(\.type)
        try #require(types.count { $0 == "startRefused" } == held, "\(id): \(types)")
        try #require(types.count { $0 == "runStarted" } == (isWinner ? 1 : 0), "\(id): \(types)")
        if isWinner { return }
        try #require(held >= 1 && types.count == held, "\(id): \(types)")
        let line = try #require(try world.store.newestLogLines(of: id, log: .imaging, limit: 1).first?.line.message)
        try #require(line.contains("is running session \(winner) on this microscope since 20"), "\(line)")
    }

    private func make(_ id: SessionID, _ world: SimulatedWorld, _ life: SimulatedRun) throws {
        let created = world.session(id.rawValue)
        try life.command { [engine = life.engine] in try await engine.create(created) }
    }

    @Test(arguments: 0..<8) func `fifty starts of one session give exactly one run`(part: Int) throws {
        let world = try SimulatedWorld(seed: 1)
        var isMade = false
        for seed in Seeds.first(1000) where seed % 8 == UInt64(part) {
            let life = try SimulatedRun(world, seed: seed)
            if !isMade { try make("one", world, life) }
            isMade = true
            let before = try world.store.newestSeq()
            let outcomes = try startAll([SessionID](repeating: "one", count: 50), in: life)
            try #require(outcomes.count { $0 == nil } == 1, "seed \(seed)")
            try #require(outcomes.compactMap { $0 }.allSatisfy { $0 == .alreadyRunning("one") }, "seed \(seed)")
            let types = try world.store.events(on: .session("one"), after: before, limit: 100).map(\.type)
            try #require(types.filter { $0 == "runStarted" || $0 == "startRefused" } == ["runStarted"], "seed \(seed)")
            try life.command { [engine = life.engine] in try await engine.forceKill("one", by: "staff", command: "k") }
            life.end()
        }
    }

    @Test func `starts under a running session change nothing of it and never connect`() throws {
        let scene = try Scene()
        let (world, life) = (scene.world, scene.life)
        try make("second", world, life)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let connects = scene.ledger.count { $0.kind == .connect }
        let events = try scene.events().count
        let refusal = try scene.refusal { try await $0.start("second", by: "grace", command: "c") }
        #expect(refusal?.code == "scopeLock.held")
        #expect(
            try scene.refusal { try await $0.start("second", by: "staff", forced: true, command: "c") }?.code
                == "scopeLock.living")
        #expect(try scene.events().count == events)
        #expect(scene.ledger.count { $0.kind == .connect } == connects)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.ledger.count { $0.kind == .connect } == connects)
    }

    @Test func `a lock file that vanishes under a live run lets no other begin`() throws {
        let scene = try Scene()
        try make("second", scene.world, scene.life)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.world.setLockFile(nil)
        #expect(try scene.refusal { try await $0.start("second", by: "grace", command: "c") }?.code == "scopeLock.held")
        #expect(try scene.refusal { try await $0.removeLock(of: "scope-1") }?.code == "scopeLock.living")
        let id = scene.id
        let forced = try scene.refusal { try await $0.start(id, by: "staff", forced: true, command: "c") }
        #expect(forced?.code == "scopeLock.living")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.world.column().counters.mostClientsAtOnce == 1)
    }

    @Test(arguments: 0..<20) func `a server whose lock went to another sends nothing more, connected or not`(seed: UInt64) throws
    {
        let scene = try Scene(seed: seed, grids: 1)
        try make("second", scene.world, scene.life)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.pass(.milliseconds(Int(seed) * 450))
        let other = try SimulatedRun(scene.world, seed: seed + 100)
        scene.world.setLockFile(nil)
        let engine = other.engine
        // The other has taken the lock and got no further: the column still listens to the first.
        try other.command { try await engine.start("second", by: "grace", command: "c") }
        let (commands, seq) = (scene.ledger.count { $0.kind == .command }, try scene.world.store.newestSeq())
        try scene.reach { $0.status == .failed }
        // Nor does it write anything but its own end.
        let written = Set(try scene.events().filter { $0.seq > seq }.map(\.event.type))
        #expect(written.isDisjoint(with: ["exposureBegan", "exposureSaved", "runMoved", "noticeRaised", "holesFound"]))
        scene.pass(.seconds(1))
        #expect(scene.ledger.count { $0.kind == .command } == commands)
        #expect(scene.world.column().connectedClient == nil)
        #expect(try scene.world.store.holder(of: "scope-1")?.session == "second")
    }

    @Test(arguments: 0..<20) func `of two servers over one store the newer epoch shuts the older one out`(seed: UInt64) throws {
        let scene = try Scene(seed: seed, grids: 1)
        try make("second", scene.world, scene.life)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.pass(.milliseconds(Int(seed) * 450))
        let other = try SimulatedRun(scene.world, seed: seed + 100)
        other.executor.run(for: .milliseconds(1))
        #expect(try scene.state.status == .running)
        let engine = other.engine
        #expect(throws: EngineError.self) { try other.command { try await engine.start("second", by: "grace", command: "c") } }
        scene.world.setLockFile(nil)
        try other.command { try await engine.start("second", by: "grace", command: "c") }
        other.executor.run(for: .seconds(1))
        let newest = try #require(scene.world.column().connectedClient)
        let before = scene.ledger.count
        try scene.reach { $0.status == .failed }
        #expect(try scene.state.outcome?.sentence == "The lock on scope-1 went to another run.")
        // A shutter that the older one had been told to open may still open and close.
        #expect(scene.ledger.dropFirst(before).allSatisfy { $0.client == newest || $0.kind == .exposure || $0.kind == .saved })
        #expect(try scene.world.store.holder(of: "scope-1")?.session == "second")
        #expect(try other.run("second") { $0.prompt != nil })
        #expect(Set(scene.exposed).count == scene.exposed.count)
    }
}
