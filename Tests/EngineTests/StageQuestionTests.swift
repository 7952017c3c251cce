import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// What is asked where the microscope program cannot tell which grid is on the stage.
@Suite struct StageQuestionTests {
    private let loader = ForgetfulLoader()

    /// `onStage`: what somebody left there, and whether the program remembers it.
    private func scene(grids: Int = 2, onStage slot: Int? = 1, isRemembered: Bool = false) throws -> Scene {
        let loader = loader
        let scene = try Scene(grids: grids) { parts in
            let microscope = parts.microscope
            parts.microscope = { ForgetfulMicroscope(microscope($0, $1), loader) }
        }
        scene.world.column().change { $0.putOnStage(slot) }
        if isRemembered { loader.kept.withLock { $0 = slot } }
        return scene
    }

    private func withdrawals(_ scene: Scene) throws -> [String?] {
        try scene.events().compactMap { if case .promptWithdrawn(let news) = $0.event { news.reason } else { nil } }
    }

    @Test func `a grid that a person knows on the stage is imaged without a load`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        scene.pass(.seconds(3600))
        #expect(scene.commands("load").isEmpty && scene.exposed.isEmpty)
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(scene.commands("load").map(\.args) == [["2"]])
    }

    @Test func `a grid that is not there is skipped, and what a later load puts back is no change of the cassette`() throws {
        // The grid of slot 3 is on the stage, no session's.
        let scene = try scene(onStage: 3)
        scene.world.column().changeCassette { $0.emptySlots = [1, 4] }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.answer("skip", by: "ada")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.failed, .completed])
        #expect(try scene.state.process.prompts == 1)
    }

    @Test func `what is unclear at the first reading is known after the first load`() throws {
        let scene = try scene(onStage: 3)
        scene.world.column().changeCassette { $0.emptySlots = [4] }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        #expect(try scene.state.cassette?.slots.prefix(4).map(\.state) == [.occupied, .occupied, .unclear, .unclear])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.cassette?.slots.dropFirst(2).prefix(2).map(\.state) == [.occupied, .empty])
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `what was remembered before the session is only a hint, and asked about`() throws {
        let scene = try scene(isRemembered: true)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.process.prompts == 1)
        #expect(scene.commands("load").map(\.args) == [["2"]])
    }

    @Test func `a new connection of the same session believes what is remembered`() throws {
        var scene = try scene(onStage: nil)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.process.prompts == 0)
        #expect(scene.commands("load").map(\.args) == [["1"], ["2"]])
    }

    @Test func `somebody at the loader puts in doubt what is remembered`() throws {
        var scene = try scene(onStage: nil)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        scene.world.column().changeCassette { $0.emptySlots = [5] }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.kind == .stageUnclear)
        try scene.answer("continue")
        // Now that the stage is known, the empty slot is news.
        try scene.reach { $0.prompt?.cassette?.changes == ["Slot 5 held a cartridge; it is empty now."] }
        try scene.answer("load")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.commands("load").map(\.args) == [["1"], ["2"]])
    }

    @Test func `the question outlives kill -9 and is asked again`() throws {
        var scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        let prompt = try scene.state.prompt
        try scene.crash()
        #expect(try scene.state.prompt == prompt)
        try scene.start()
        try scene.reach { $0.status == .paused }
        #expect(try scene.state.prompt == prompt)
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.commands("load").map(\.args) == [["2"]])
    }

    @Test func `a question that has lost its cause after kill -9 is withdrawn, and nothing takes its answer later`() throws {
        var scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.crash()
        // Somebody puts the grid back meanwhile.
        scene.world.column().change { $0.putOnStage(nil) }
        try scene.start()
        try scene.reach { $0.prompt == nil }
        #expect(try withdrawals(scene) == ["the stage is known"])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.commands("load").map(\.args) == [["1"], ["2"]])
    }

    @Test func `an answer to a question that has lost its cause is not kept for another`() throws {
        var scene = try scene(grids: 1)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.crash()
        scene.world.column().change { $0.putOnStage(nil) }
        try scene.start()
        // Before the run has looked at the loader.
        try scene.answer("continue")
        try scene.reach { $0.exposure != nil }
        #expect(scene.commands("load").map(\.args) == [["1"]])
        // The microscope's program is started anew, and has forgotten.
        loader.kept.withLock { $0 = nil }
        scene.world.column().add(SimulatedFault(.linkLost, at: 0))
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `to skip can be answered without a run`() throws {
        var scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.crash()
        try scene.answer("skip", by: "ada")
        #expect(try scene.state.grids[0].status == .failed)
    }

    @Test func `Stop is heard while it is asked`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.prompt == nil)
    }

    @Test(arguments: [false, true])
    func `a cartridge that was taken between two connections is asked about before the next load`(isForgotten: Bool) throws {
        var scene = try scene(onStage: nil)
        try scene.start()
        try scene.reach { $0.grids[0].status == .completed }
        try scene.crash()
        scene.world.column().changeCassette { $0.emptySlots = [5] }
        if isForgotten { loader.kept.withLock { $0 = nil } }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        // Where the program has forgotten, only one of the two can be on the stage.
        #expect(
            try scene.state.prompt?.cassette?.changes
                == (isForgotten
                    ? [
                        "Slot 1 held a cartridge; nobody can tell now whether it still does.",
                        "Slot 5 held a cartridge; nobody can tell now whether it still does.",
                    ] : ["Slot 5 held a cartridge; it is empty now."]))
        #expect(scene.commands("load").map(\.args) == [["1"]])
        try scene.answer("load")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.process.prompts == 1)
    }

    @Test func `another session's load is believed for no grid, neither at once nor later`() throws {
        let scene = try scene(grids: 3)
        // Slot 3 of the cassette before was loaded last; this one has nothing there.
        loader.kept.withLock { $0 = 3 }
        scene.world.column().changeCassette { $0.emptySlots = [3] }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        #expect(try scene.state.prompt?.grid == GridID(scene.id, slot: 1))
        try scene.answer("continue")
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.images) == [8, 8, 0])
        #expect(try scene.state.grids[2].problem?.contains("Slot 3") == true)
        #expect(try scene.state.process.prompts == 1)
    }

    @Test func `a slot that another session loaded from and that is empty now is no change of the cassette`() throws {
        let scene = try scene(onStage: nil)
        loader.kept.withLock { $0 = 12 }
        scene.world.column().changeCassette { $0.emptySlots = [12] }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `a load that another session made since is not believed, whichever grid it was`() throws {
        for slot in [1, 2] {
            var scene = try scene(onStage: nil)
            try scene.start()
            try scene.reach { $0.exposure != nil }
            try scene.crash()
            scene.world.column().change { $0.putOnStage(slot) }
            loader.kept.withLock { $0 = slot }
            loader.session.withLock { $0 = "another" }
            try scene.start()
            // The other's grid lies on the stage, and only a person can say whose it is.
            if slot == 1 {
                try scene.reach { $0.prompt?.kind == .stageUnclear }
                try scene.answer("continue")
            }
            try scene.reachEnd()
            try scene.checkAtRest(.completed)
            #expect(scene.commands("load").map(\.args) == (slot == 1 ? [["1"], ["2"]] : [["1"], ["1"], ["2"]]))
            #expect(try scene.state.process.prompts == (slot == 1 ? 1 : 0))
        }
    }

    @Test func `STOP at the microscope's program is not passed over by an answer`() throws {
        let isStopped = Flag(Mutex(false))
        let loader = loader
        let scene = try Scene { parts in
            let microscope = parts.microscope
            parts.microscope = {
                ForgetfulMicroscope(StoppingMicroscope(scope: microscope($0, $1), isStopped: isStopped), loader)
            }
        }
        scene.world.column().change { $0.putOnStage(1) }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        isStopped.value.withLock { $0 = true }
        try scene.answer("skip")
        try scene.reachEnd()
        #expect(try scene.state.status == .failed)
        #expect(try scene.state.notices.contains { $0.id == "operatorStopped" })
        #expect(scene.commands("load").isEmpty)
    }

    @Test func `the stage is levelled before a load also where nobody knows whether it is free`() throws {
        var settings = GridSettings.quick
        settings.tiltAngle = 30
        let loader = loader
        var scene = try Scene(settings: settings) { parts in
            let microscope = parts.microscope
            parts.microscope = { ForgetfulMicroscope(microscope($0, $1), loader) }
        }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        loader.kept.withLock { $0 = nil }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.answer("skip")
        try scene.reachEnd()
        let commands = scene.commands(["tilt", "load"]).map { ([$0.name ?? ""] + ($0.args ?? [])).joined(separator: " ") }
        let second = try #require(commands.firstIndex(of: "load 2"))
        #expect(commands[..<second].last == "tilt 0.0")
    }

    @Test func `to skip counts although the link has broken meanwhile`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        scene.world.column().add(SimulatedFault(.linkLost, at: 0))
        try scene.answer("skip", by: "ada")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [0, 8])
        #expect(try scene.state.grids[0].problem == "ada chose not to load slot 1.")
        #expect(try scene.state.process.prompts == 1)
    }

    @Test func `to skip before the run has looked counts although the stage is known by then`() throws {
        var scene = try scene()
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.crash()
        scene.world.column().change { $0.putOnStage(nil) }
        try scene.start()
        try scene.answer("skip", by: "ada")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [0, 8])
        #expect(scene.commands("load").map(\.args) == [["2"]])
    }

    @Test func `a question about failures that the stage's own has overtaken is asked again`() throws {
        let (loader, isUnwilling) = (loader, Flag(Mutex(true)))
        var settings = GridSettings.quick
        settings.squaresPerGrid = 2
        settings.holesPerSquare = 2
        var scene = try Scene(grids: 1, settings: settings) { parts in
            let microscope = parts.microscope
            parts.microscope = { ForgetfulMicroscope(microscope($0, $1), loader) }
        } camera: {
            RefusingCamera(camera: $0) { $0 == .hole && isUnwilling.value.withLock { $0 } ? "the beam is off" : nil }
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.crash()
        loader.kept.withLock { $0 = nil }
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .stageUnclear }
        try scene.answer("continue")
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        #expect(scene.exposed.isEmpty)
        try scene.answer("again")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }
}

/// Somebody presses STOP in its program.
private struct StoppingMicroscope: WrappedMicroscope {
    let scope: any Microscope
    let isStopped: Flag<Bool>

    func loadedSlot() async throws(MicroscopeError) -> Int? {
        if isStopped.value.withLock({ $0 }) { throw .operatorStopped }
        return try await scope.loadedSlot()
    }
}
