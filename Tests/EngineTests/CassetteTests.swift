import Engine
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct CassetteTests {
    private func scene(grids: Int = 2, faults: [SimulatedFault] = []) throws -> Scene {
        var column = ColumnSettings()
        column.names = [1: "A", 2: "B", 3: "C"]
        column.emptySlots = [4]
        return try Scene(grids: grids, faults: faults, column: column)
    }

    /// Runs to the end of the first grid, with the cassette changed while it is imaged.
    private func changed(_ work: @escaping @Sendable (inout SimulatedCassette) -> Void) throws -> Scene {
        let scene = try scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.world.column().changeCassette(work)
        try scene.reach { $0.prompt != nil }
        return scene
    }

    private func readings(_ scene: Scene) throws -> [CassetteRead] {
        try scene.events().compactMap { if case .cassetteRead(let news) = $0.event { news } else { nil } }
    }

    @Test func `the first load records what the loader holds`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let readings = try readings(scene)
        #expect(readings.count == 1)
        #expect(readings[0].slots.prefix(4).map(\.name) == ["A", "B", "C", nil])
        #expect(readings[0].slots.prefix(4).map(\.state) == [.occupied, .occupied, .occupied, .empty])
        #expect(try scene.state.cassette?.slots == readings[0].slots)
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `a cartridge that was exchanged is asked about in the operator's words, and nothing is loaded meanwhile`() throws {
        let scene = try changed { $0.names[2] = "X" }
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.kind == .cassetteChanged)
        #expect(prompt.grid == GridID(scene.id, slot: 2))
        #expect(prompt.answers == [.load, .skip])
        #expect(prompt.cassette?.changes == ["Slot 2 held B; it holds X now."])
        #expect(try scene.lines().contains { $0.level == .warning && $0.message.hasSuffix("Slot 2 held B; it holds X now.") })
        #expect(try scene.state.status == .paused)
        scene.pass(.seconds(600))
        #expect(scene.world.column().cartridgeOnStage == 1)
    }

    @Test func `load records who accepted the change and goes on`() throws {
        let scene = try changed { $0.names[2] = "X" }
        try scene.answer("load", by: "ada")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(try readings(scene).map(\.by) == [nil, "ada"])
        #expect(try scene.state.cassette?.slots[1].name == "X")
        #expect(try scene.state.cassette?.by == "ada")
    }

    @Test func `skip fails the grid with a sentence and the run goes on with the next`() throws {
        let scene = try changed { $0.names[2] = "X" }
        try scene.answer("skip", by: "ada")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.completed, .failed])
        #expect(try scene.state.grids[1].problem == "ada chose not to load slot 2.")
        #expect(scene.commands("load").map(\.args) == [["1"]])
    }

    @Test func `a slot that concerns no grid is asked about too, before every load until it is accepted`() throws {
        let scene = try scene(grids: 3)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.world.column().changeCassette { $0.emptySlots = [9] }
        try scene.reach { $0.prompt != nil }
        #expect(
            try scene.state.prompt?.cassette?.changes == [
                "Slot 4 was empty; it holds a cartridge now.", "Slot 9 held a cartridge; it is empty now.",
            ])
        try scene.answer("skip")
        try scene.reach { $0.prompt?.grid == GridID(scene.id, slot: 3) }
        try scene.answer("load")
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.completed, .failed, .completed])
    }

    @Test func `what is changed again while it is asked about is asked about again`() throws {
        let scene = try changed { $0.names[2] = "X" }
        scene.world.column().changeCassette { $0.names[3] = "Y" }
        try scene.answer("load")
        try scene.reach { $0.prompt?.cassette?.changes == ["Slot 3 held C; it holds Y now."] }
        try scene.answer("load")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `a cassette that was changed while no run lived is noticed by the next start`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        try scene.reachEnd()
        scene.world.column().changeCassette { $0.names = [1: "K", 2: "L", 3: "M"] }
        let exposed = scene.exposed.count
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.grid == GridID(scene.id, slot: 1))
        #expect(try scene.state.prompt?.cassette?.changes.count == 3)
        #expect(scene.exposed.count == exposed)
        try scene.answer("load")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a name that the loader learned is no change and is kept`() throws {
        let scene = try scene()
        scene.world.column().changeCassette { $0.names = [:] }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        scene.world.column().changeCassette { $0.names = [1: "A", 2: "B"] }
        try scene.reachEnd()
        #expect(try scene.state.process.prompts == 0)
        #expect(try readings(scene).map(\.by) == [nil, nil])
        #expect(try scene.state.cassette?.slots.prefix(2).map(\.name) == ["A", "B"])
    }

    @Test(arguments: ["load", "skip"]) func `the question outlives kill -9 and can be answered without a run`(answer: String)
        throws
    {
        var scene = try changed { $0.names[2] = "X" }
        let prompt = try scene.state.prompt
        try scene.crash()
        #expect(try scene.state.prompt == prompt)
        try scene.answer(answer, by: "ada")
        #expect(try scene.state.grids[1].status == (answer == "load" ? .stopped : .failed))
        #expect(try scene.state.cassette?.by == (answer == "load" ? "ada" : nil))
        try scene.start()
        if answer == "skip" {
            // Start tries again what has failed, and the cassette is still not accepted.
            try scene.reach { $0.prompt?.kind == .cassetteChanged }
            try scene.answer("load")
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `the next run takes the question up, and withdraws it where the cassette was put right`() throws {
        for isPutRight in [false, true] {
            var scene = try changed { $0.names[2] = "X" }
            let prompt = try scene.state.prompt
            try scene.crash()
            if isPutRight { scene.world.column().changeCassette { $0.names[2] = "B" } }
            try scene.start()
            if isPutRight {
                try scene.reach { $0.prompt == nil }
            } else {
                try scene.reach { $0.status == .paused }
                #expect(try scene.state.prompt == prompt)
                try scene.answer("load")
            }
            try scene.reachEnd()
            try scene.checkAtRest(.completed)
        }
    }

    @Test func `an answer to another change is no answer to this one`() throws {
        var scene = try changed { $0.names[2] = "X" }
        try scene.crash()
        try scene.start()
        #expect(try scene.state.status == .starting)
        scene.world.column().changeCassette { $0.names[2] = "Z" }
        try scene.answer("load")
        try scene.reach { $0.prompt?.cassette?.changes == ["Slot 2 held B; it holds Z now."] }
        #expect(scene.world.column().cartridgeOnStage == 1)
    }

    @Test func `a loader that brings another cartridge fails the grid, and nothing of it is exposed`() throws {
        let scene = try scene(faults: [SimulatedFault(.wrongCartridge, slot: 1)])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.failed, .completed])
        #expect(
            try scene.state.grids[0].problem == "The loader brought the cartridge of slot 2 instead of the one of slot 1.")
        #expect(scene.ledger.filter { $0.kind == .exposure }.allSatisfy { $0.grid == 2 })
    }

    @Test func `a cartridge that turns out to be another on the stage fails the grid`() throws {
        let scene = try scene()
        try scene.start()
        try scene.reachCommand("load")
        scene.world.column().changeCassette { $0.names[1] = "Q" }
        try scene.reach { $0.grids[0].status == .failed }
        #expect(try scene.state.grids[0].problem == "The cartridge on the stage is Q; slot 1 held A.")
        #expect(scene.ledger.allSatisfy { $0.kind != .exposure })
    }

    @Test func `a stop at the question withdraws it`() throws {
        let scene = try changed { $0.names[2] = "X" }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.prompt == nil)
    }
}
