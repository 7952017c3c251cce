import Engine
import RunModel
import TestSupport
import Testing

@Suite struct WholeSessionTests {
    @Test func `a session of two grids runs to its end with both prompts answered`() throws {
        let world = try SimulatedWorld(seed: 1)
        let run = try SimulatedRun(world, seed: 1)
        let created = world.session("first")
        try run.command { try await run.engine.create(created) }
        try run.command { try await run.engine.start("first", by: "operator", command: "c1") }
        for _ in 1...2 {
            #expect(try run.run("first") { $0.prompt?.kind == .gridFinished })
            let prompt = try #require(try run.state("first").prompt)
            try run.command { try await run.engine.answer(prompt.id, of: "first", with: "next", by: "operator", command: "c2") }
        }
        #expect(try run.run("first") { $0.status == .completed })
        run.executor.run(for: .seconds(60))
        let state = try run.state("first")
        #expect(state.grids.map(\.status) == [.completed, .completed])
        #expect(state.grids.map(\.images) == [8, 8])
        #expect(world.lockFile() == nil)
        #expect(run.executor.strays == 0)
    }
}
