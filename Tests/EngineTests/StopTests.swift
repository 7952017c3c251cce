import Engine
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct StopTests {
    @Test func `a stop during an exposure saves it and begins no other`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("record")
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(scene.exposed.count == 1)
        #expect(try scene.micrographs().map(\.status) == [.processed])
    }

    @Test(arguments: [
        "echo", "slots", "load", "columnState", "acquireAtlas", "moveStage", "realign", "findEucentricHeight", "acquire",
        "autofocus",
        "measureDrift", "stagePosition",
    ])
    func `a stop during any command ends the run after it and loses nothing`(command: String) throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand(command)
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(scene.exposed == [])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(Set(scene.exposed).count == 16)
    }

    @Test func `a stop while connecting ends as stopped`() throws {
        let scene = try Scene()
        try scene.start()
        scene.pass(.milliseconds(250))
        #expect(try scene.state.status == .starting)
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
    }

    @Test func `a stop taken back before it was heard lets the run go on to its end`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("record")
        try scene.stop()
        #expect(try scene.state.stop?.canBeTakenBack == true)
        try scene.takeBack()
        #expect(try scene.state.status == .running)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a stop taken back at a prompt brings the question back`() throws {
        for seed in UInt64(0)..<20 {
            let scene = try Scene(seed: seed, pauses: true)
            try scene.start()
            try scene.reach { $0.prompt != nil }
            let first = try #require(try scene.state.prompt)
            let id = scene.id
            try scene.order { engine in
                try await engine.stop(id, by: "operator", command: "c")
                // Refused where the stop was heard at once: then the run has ended, which is true as well.
                do { try await engine.cancelStop(id, by: "operator", command: "c") } catch EngineError.cannotTakeBack {}
            }
            try scene.reach { !$0.status.needsHolder || $0.prompt != nil && $0.prompt?.id != first.id }
        }
    }

    @Test func `a stop is not taken back once shutting down has begun`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        try scene.reach { $0.stop?.canBeTakenBack == false }
        let id = scene.id
        #expect(try scene.refusal { try await $0.cancelStop(id, by: "operator", command: "c") } == .cannotTakeBack)
        try scene.reachEnd()
        #expect(try scene.refusal { try await $0.cancelStop(id, by: "operator", command: "c") } == .notRunning)
        #expect(try scene.refusal { try await $0.stop(id, by: "operator", command: "c") } == .notRunning)
    }

    @Test func `a second stop says nothing twice`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        let id = scene.id
        let refusal = try scene.refusal { try await $0.stop(id, by: "somebody else", command: "c") }
        #expect(refusal?.code == "session.stopping")
        try scene.reachEnd()
        #expect(try scene.events().count { if case .stopReceived = $0.event { true } else { false } } == 1)
    }

    @Test(arguments: Wait.allCases, [false, true])
    func `a stop is heard inside a wait, on a silent disk too`(wait: Wait, isSilent: Bool) throws {
        let store = FailingStore()
        let scene = try wait.scene(store)
        store.takesTime(of: scene.life.executor)
        try scene.start()
        try wait.reach(scene)
        let column = scene.world.column()
        let (asked, lines) = (scene.life.executor.now, scene.ledger.count)
        if isSilent { store.failure = .noAnswer(path: "/data/gridpilot.sqlite") }
        try scene.stop()
        #expect(asked.duration(to: scene.life.executor.now) <= .milliseconds(200))
        if isSilent {
            #expect(scene.life.executor.run(until: { column.connectedClient == nil && !scene.isLiving }) == .reached)
        } else {
            try scene.reach { !$0.status.needsHolder }
        }
        #expect(asked.duration(to: scene.life.executor.now) < .seconds(10))
        let later = Set(scene.ledger.dropFirst(lines).filter { $0.kind == .command }.compactMap(\.name))
        #expect(later.isSubset(of: ["setValves", "setImageShift", "tilt", "echo"]))
        store.failure = nil
        try scene.reach { !$0.status.needsHolder }
        scene.pass(.seconds(1))
        try scene.checkAtRest(.stopped, valvesClosed: wait != .reconnecting)
        #expect(try scene.state.prompt == nil)
    }

    @Test func `a stop that takes five minutes is said to be slow`() throws {
        let scene = try Scene(faults: [SimulatedFault(.slowStage, factor: 400)])
        try scene.start()
        try scene.reachCommand("moveStage")
        try scene.stop()
        scene.pass(.seconds(299))
        #expect(try scene.state.notices.map(\.id) == [])
        scene.pass(.seconds(2))
        #expect(try scene.state.notices.map(\.id) == ["slowStop"])
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.notices == [])
    }

    /// Where a run can wait for something, and how it gets there.
    enum Wait: String, CaseIterable, Sendable {
        case loading, pumps, nitrogen, valves, drift, prompt, diskFull, reconnecting, busy

        func scene(_ store: FailingStore) throws -> Scene {
            var settings = GridSettings.quick
            var column = ColumnSettings()
            var faults: [SimulatedFault] = []
            switch self {
            case .loading: column.durations.load = 5
            case .drift:
                settings.driftLimit = 0
                settings.driftTimeout = 100_000
            case .nitrogen: faults = [SimulatedFault(.nitrogenFill, at: 400, seconds: 100_000)]
            case .valves: faults = [SimulatedFault(.valveShut, at: 400)]
            case .reconnecting: faults = [SimulatedFault(.linkLost, command: "moveStage", number: 1, moment: .before)]
            default: break
            }
            return try Scene(settings: settings, faults: faults, column: column, pauses: self == .prompt) {
                store.stand(before: &$0)
            }
        }

        func reach(_ scene: Scene) throws {
            switch self {
            case .loading: try scene.reachCommand("load")
            case .pumps: try scene.reach { $0.notices.contains { $0.id == "pumps" } }
            case .nitrogen: try scene.reach { $0.notices.contains { $0.id == "nitrogen" } }
            case .valves: try scene.reach { $0.notices.contains { $0.id == "valves" } }
            case .drift: try scene.reachCommand("measureDrift", number: 20)
            case .prompt: try scene.reach { $0.prompt?.kind == .gridFinished }
            case .diskFull:
                scene.world.freeBytes = 1_000_000
                try scene.reach { $0.prompt?.kind == .diskFull }
            case .reconnecting: try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
            case .busy:
                // Another program's load goes on at the column while its link is cut.
                scene.world.column().add(SimulatedFault(.linkLost, command: "load", number: 1, moment: .during))
                try scene.reach { $0.notices.contains { $0.id == "microscopeBusy" } }
            }
        }
    }
}
