import Engine
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct PromptTests {
    @Test func `the prompt at a grid's end says what it is about`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.kind == .gridFinished)
        #expect(prompt.grid == GridID(scene.id, slot: 1))
        #expect(prompt.nextGrid == GridID(scene.id, slot: 2))
        #expect(prompt.queued == 0)
        #expect(!prompt.last)
        #expect(prompt.answers == [.continue, .next])
        #expect(try scene.state.status == .paused)
        #expect(try scene.state.grids.map(\.status) == [.paused, .waiting])
    }

    @Test func `proceeding goes to the next grid, and on the last one completes the session`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        try scene.answer("next")
        try scene.reach { $0.prompt?.grid == GridID(scene.id, slot: 2) }
        #expect(try scene.state.prompt?.last == true)
        #expect(try scene.state.prompt?.nextGrid == nil)
        try scene.answer("next")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `the switch is set, not toggled, and counts at the next grid end`() throws {
        let scene = try Scene(pauses: true)
        try scene.pause(true)
        #expect(try scene.state.pauseBetweenGrids)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.pause(false)
        try scene.pause(false)
        try scene.reach { $0.grids[0].status == .completed }
        #expect(try scene.state.process.prompts == 0)
        try scene.pause(true)
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.grid == GridID(scene.id, slot: 2))
        let sets = try scene.events().compactMap {
            if case .pauseBetweenGridsSet(let news) = $0.event { news.enabled } else { nil }
        }
        #expect(sets == [true, false, false, true])
    }

    @Test func `switching off leaves an open prompt open`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try scene.state.prompt
        try scene.pause(false)
        scene.pass(.seconds(600))
        #expect(try scene.state.prompt == prompt)
    }

    @Test func `an answer that has not seen what was queued is refused, and drops nothing`() throws {
        let scene = try Scene(grids: 1, pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let (id, prompt, seen) = (scene.id, try #require(try scene.state.prompt?.id), try scene.state.queue.version)
        let hole = try #require(try scene.targets().first { $0.status == .found && $0.id.kind == .hole }).id
        try scene.edit { $0.add = [hole] }
        let version = try scene.state.queue.version
        for answer in ["next", "continue"] {
            let refusal = try scene.refusal {
                try await $0.answer(prompt, of: id, with: answer, seeing: seen, by: "ada", command: "c")
            }
            #expect(refusal == .queueChanged(version: version))
        }
        #expect(try scene.state.prompt?.id == prompt)
        #expect(try scene.state.queue.items.map(\.id) == [hole])
        try scene.order { try await $0.answer(prompt, of: id, with: "next", seeing: version, by: "ada", command: "d") }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    @Test func `the first answer wins, and a later one hears who gave it`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        try scene.answer("next", by: "ada")
        let id = scene.id
        let late = try scene.refusal { try await $0.answer(prompt.id, of: id, with: "continue", by: "grace", command: "c") }
        #expect(late == .promptAnswered(by: "ada", answer: "Proceed to next grid"))
        #expect(late?.code == "prompt.answered")
    }

    @Test(arguments: ["again", "leave", "", "NEXT", "skip"]) func `an answer that is not offered is refused`(text: String) throws
    {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        let id = scene.id
        let refusal = try scene.refusal { try await $0.answer(prompt.id, of: id, with: text, by: "ada", command: "c") }
        #expect(refusal == .answerNotOffered(text, offered: ["continue", "next"]))
        #expect(try scene.refusal { try await $0.answer("nobody", of: id, with: "next", by: "ada", command: "c") } == .noPrompt)
        #expect(try scene.state.prompt == prompt)
    }

    @Test func `continuing with nothing queued asks again under a new id and tells the microscope nothing`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let first = try #require(try scene.state.prompt)
        let commands = scene.world.column().counters.commands
        try scene.answer("continue")
        scene.pass(.seconds(600))
        let second = try #require(try scene.state.prompt)
        #expect(second.id != first.id)
        #expect(second.kind == .gridFinished)
        #expect(scene.world.column().counters.commands == commands)
        #expect(try scene.state.lastAnswer?.id == first.id)
        try scene.answer("next")
        try scene.reach { $0.prompt?.grid == GridID(scene.id, slot: 2) }
    }

    @Test func `targets added at the prompt are imaged when it is continued`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        let hole = try #require(try scene.targets().first { $0.id.kind == .hole && $0.status == .found })
        try scene.edit { $0.add = [hole.id] }
        #expect(try scene.state.prompt?.id == prompt.id)
        #expect(try scene.state.prompt?.queued == 1)
        #expect(try scene.state.prompt?.addedBy == "operator")
        try scene.answer("continue")
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.grids[0].images == 10)
    }

    @Test func `a prompt outlives kill -9 and can be answered without a run`() throws {
        var scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try scene.state.prompt
        try scene.crash()
        #expect(try scene.state.status == .interrupted)
        #expect(try scene.state.prompt == prompt)
        try scene.answer("next")
        #expect(try scene.state.grids.map(\.status) == [.completed, .waiting])
        #expect(try scene.state.prompt == nil)
        try scene.start()
        try scene.reach { $0.prompt?.grid == GridID(scene.id, slot: 2) }
    }

    @Test func `a prompt that outlived kill -9 is taken up by the next run`() throws {
        var scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try scene.state.prompt
        try scene.crash()
        try scene.start()
        try scene.reach { $0.status == .paused }
        #expect(try scene.state.prompt?.id == prompt?.id)
        try scene.answer("next")
        try scene.reach { $0.grids[0].status == .completed }
    }

    @Test func `an answer given while the run is still connecting counts`() throws {
        var scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        try scene.crash()
        try scene.start()
        #expect(try scene.state.status == .starting)
        try scene.answer("next")
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.grid == GridID(scene.id, slot: 2))
    }

    @Test(arguments: [false, true]) func `stop and force-kill withdraw it`(kills: Bool) throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        try kills ? scene.kill() : scene.stop()
        try scene.reachEnd()
        #expect(try scene.state.prompt == nil)
        #expect(try scene.events().contains { if case .promptWithdrawn = $0.event { true } else { false } })
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.grid == GridID(scene.id, slot: 1))
    }

    @Test func `force-kill withdraws the question about an exposure, and the next start asks it again`() throws {
        let scene = try Scene(faults: [SimulatedFault(.linkLost, command: "record", number: 1, moment: .after)])
        try scene.start()
        try scene.reachCommand("record")
        scene.world.column().add(SimulatedFault(.halfWritten, times: 1))
        try scene.reach { $0.prompt?.kind == .exposureUnknown }
        let prompt = try scene.state.prompt
        try scene.kill()
        #expect(try scene.state.prompt == nil)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.micrograph == prompt?.micrograph)
    }
}
