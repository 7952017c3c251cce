import Engine
import RunModel
import TestSupport
import Testing

@testable import Store

/// A store that takes other changes and never this one: waiting for it would be for ever.
@Suite struct ContradictedStoreTests {
    private func scene(_ statement: String) throws -> Scene {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        try scene.world.store.configuring {
            try $0.run("CREATE TRIGGER stands_against BEFORE UPDATE ON exposures BEGIN SELECT \(statement); END", [])
        }
        return scene
    }

    private func mend(_ scene: Scene) throws {
        try scene.world.store.configuring { try $0.run("DROP TRIGGER stands_against", []) }
    }

    @Test func `a change that does not fit the store ends the run with that sentence, and the next start goes on`() throws {
        let scene = try scene("RAISE(ABORT, 'it does not fit')")
        try scene.reach { $0.status == .failed }
        #expect(try scene.failure() == "store.contradicted")
        #expect(try scene.state.outcome?.sentence?.contains("it does not fit") == true)
        scene.pass(.seconds(1))
        #expect(!scene.world.column().areValvesOpen && scene.world.lockFile() == nil)
        #expect(scene.commands("setValves").count { $0.args == ["closed"] } <= 1)
        try mend(scene)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8 && Set(scene.exposed).count == 8)
    }

    @Test func `a change that is refused ten times, by a store that takes others, ends the run too`() throws {
        let scene = try scene("no_such_function()")
        try scene.reach { $0.status == .failed }
        #expect(try scene.failure() == "store.contradicted")
        #expect(try scene.state.outcome?.sentence?.contains("no such function") == true)
        #expect(try scene.lines().count { $0.message == "The store can be written again" } == 10)
        try mend(scene)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8 && Set(scene.exposed).count == 8)
    }
}
