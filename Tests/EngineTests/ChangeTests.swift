import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// What is changed of a session that waits or runs.
@Suite struct ChangeTests {
    private func change(_ scene: Scene, _ body: (inout GridSettings) -> Void) throws -> EngineError? {
        let (id, seen) = (scene.id, try scene.state.session.settings)
        var wanted = seen
        body(&wanted)
        return try scene.refusal { [wanted] in
            try await $0.changeSettings(from: seen, to: wanted, of: id, by: "operator", command: "c")
        }
    }

    private func describe(_ scene: Scene, slot: Int, _ body: (inout Grid) -> Void) throws -> EngineError? {
        let id = scene.id
        var grid = try #require(try scene.state.grids.first { $0.grid.slot == slot }).grid
        body(&grid)
        return try scene.refusal { [grid] in try await $0.change(grid, of: id, by: "operator", command: "c") }
    }

    private func grid(_ scene: Scene, slot: Int, name: String = "late", recipe: String = "spa") -> Grid {
        Grid(id: GridID(scene.id, slot: slot), name: name, slot: slot, holeType: "R1.2/1.3", meshMaterial: "gold", recipe: recipe)
    }

    private func add(_ scene: Scene, _ grid: Grid) throws -> EngineError? {
        let id = scene.id
        return try scene.refusal { try await $0.add(grid, to: id, by: "operator", command: "c") }
    }

    private func order(_ scene: Scene, _ slots: [Int]) throws -> EngineError? {
        let (id, order) = (scene.id, slots.map { GridID(scene.id, slot: $0) })
        return try scene.refusal { try await $0.order(order, of: id, by: "operator", command: "c") }
    }

    private func notes(_ scene: Scene) throws -> GridNotes? {
        try scene.world.store.state(of: GridID(scene.id, slot: 1))?.state.notes
    }

    private func loads(_ scene: Scene) -> [Int] { scene.ledger.filter { $0.kind == .load }.compactMap(\.grid) }

    @Test func `settings that are changed in a run count from the next square on`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let begun = try #require(try scene.state.exposure).micrograph.hole.square
        #expect(try change(scene) { ($0.holesPerSquare, $0.exposuresPerHole) = (3, 1) } == nil)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        // The square under way ends as it was begun.
        let first: [TargetID: [Micrograph]] = try Dictionary(
            grouping: scene.micrographs().filter { $0.id.hole.square == begun }, by: \.id.hole)
        let second: [TargetID: [Micrograph]] = try Dictionary(
            grouping: scene.micrographs().filter { $0.id.hole.square != begun }, by: \.id.hole)
        #expect(first.values.map(\.count) == [2, 2])
        #expect(second.values.map(\.count) == [1, 1, 1])
        #expect(try scene.state.session.settings.holesPerSquare == 3)
    }

    @Test func `what the column is set up for is refused while a run has it, and what was recorded afterwards too`() throws {
        let scene = try Scene(grids: 1)
        #expect(try change(scene) { ($0.movie.dose, $0.atlasTiles, $0.mode, $0.tiltAngle) = (30, 2, .dataCollection, 5) } == nil)
        #expect(try change(scene) { $0.mode = .screening } == nil)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        for body: (inout GridSettings) -> Void in [
            { $0.tiltAngle = 10 }, { $0.mode = .dataCollection }, { $0.movie.dose = 50 }, { $0.atlasTiles = 3 },
            { $0.plan = .collectQueued },
        ] {
            guard case .settings(let sentence)? = try change(scene, body) else {
                Issue.record("taken")
                continue
            }
            #expect(sentence.hasSuffix("."))
        }
        try scene.kill()
        // Nobody has seen the stage since.
        #expect(try change(scene) { $0.tiltAngle = 10 } != nil)
        try scene.start()
        try scene.reachEnd()
        #expect(try change(scene) { $0.tiltAngle = 10 } == nil)
        #expect(try change(scene) { $0.movie.dose = 50 } != nil)
        // What was exposed lies by it.
        #expect(try describe(scene, slot: 1) { $0.holeType = "R2/1" }?.code == "grid.status")
    }

    @Test func `a stage that no run has tilted may be tilted after a run was killed, too`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.kill()
        #expect(try change(scene) { $0.tiltAngle = 10 } == nil)
    }

    @Test func `of two people who change the settings at once the second is told`() throws {
        let scene = try Scene(grids: 1)
        let (id, seen) = (scene.id, try scene.state.session.settings)
        #expect(try change(scene) { $0.fitLimit = 5 } == nil)
        var wanted = seen
        wanted.squaresPerGrid = 9
        let refusal = try scene.refusal { [wanted] in
            try await $0.changeSettings(from: seen, to: wanted, of: id, by: "staff", command: "c")
        }
        #expect(refusal == .settingsChanged)
        #expect(try scene.state.session.settings.squaresPerGrid == seen.squaresPerGrid)
    }

    @Test func `a grid that is added in a run is imaged by it, last`() throws {
        let scene = try Scene(grids: 2)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        #expect(try add(scene, grid(scene, slot: 5)) == nil)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(loads(scene) == [1, 2, 5])
        #expect(try scene.state.grids.map(\.images) == [8, 8, 8])
        #expect(try scene.state.outcome?.completed?.grids == 3)
    }

    @Test func `a position or a name that is taken, and a recipe that nobody has, are refused`() throws {
        let scene = try Scene(grids: 2)
        let first = try scene.state.grids[0].grid
        #expect(try add(scene, grid(scene, slot: 1)) == .gridTaken(first, what: "position"))
        #expect(try add(scene, grid(scene, slot: 3, name: first.name.uppercased())) == .gridTaken(first, what: "name"))
        #expect(try add(scene, grid(scene, slot: 3, recipe: "none"))?.code == "recipe.unusable")
        #expect(try describe(scene, slot: 2) { $0.name = first.name } == .gridTaken(first, what: "name"))
        #expect(try scene.state.grids.count == 2)
    }

    @Test func `a recipe that is gone is replaced, and the session starts`() throws {
        let isThere = Flag(Mutex(true))
        var scene = try Scene(grids: 1) { parts in
            // Without it the test would find no recipe to miss.
            if isThere.value.withLock(\.self) { try? parts.recipes.add(yaml: Self.other, from: "other.yaml") }
        }
        #expect(try describe(scene, slot: 1) { $0.recipe = "other" } == nil)
        isThere.value.withLock { $0 = false }
        try scene.crash()
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") }?.code == "recipe.unusable")
        #expect(try describe(scene, slot: 1) { $0.recipe = "spa" } == nil)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `grids whose recipe is gone fail, and the others are imaged`() throws {
        let isThere = Flag(Mutex(true))
        var scene = try Scene(grids: 4) { parts in
            if isThere.value.withLock(\.self) { try? parts.recipes.add(yaml: Self.other, from: "other.yaml") }
        }
        for slot in [1, 2, 3] { #expect(try describe(scene, slot: slot) { $0.recipe = "other" } == nil) }
        isThere.value.withLock { $0 = false }
        try scene.crash()
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.failed, .failed, .failed, .completed])
        #expect(try scene.state.grids[0].problem == "The recipe 'other' is gone.")
        #expect(loads(scene) == [4])
        #expect(try describe(scene, slot: 1) { $0.recipe = "spa" } == nil)
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.images) == [8, 0, 0, 8])
    }

    private static let other = """
        name: other
        title: Another
        targets: holes
        atlas: [acquireAtlas]
        square: [moveStage, acquireSearch]
        hole: [moveStage, acquireView]
        highMag: [record]
        """

    @Test func `a grid that is renamed while it is imaged keeps its folder, its movies and its place`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let old = try scene.state.grids[0].grid
        #expect(try describe(scene, slot: 1) { $0.name = "diluted" } == nil)
        #expect(try describe(scene, slot: 1) { $0.holeType = "R2/1" }?.code == "grid.status")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let grid = try scene.state.grids[0].grid
        #expect(grid.name == "diluted" && grid.directory == old.directory)
        #expect(try scene.micrographs().count == 8)
        #expect(try scene.micrographs().allSatisfy { $0.movie.hasPrefix("\(old.directory)/movies/\(old.fileName)_") })
        #expect(try describe(scene, slot: 1) { $0.name = old.name } == nil)
        #expect(try scene.state.grids[0].grid == old)
    }

    @Test func `a grid that has not been begun keeps the folder it was made with, where a store that is put back looks for it`()
        throws
    {
        let scene = try Scene(grids: 1)
        let old = try scene.state.grids[0].grid
        #expect(try describe(scene, slot: 1) { $0.name = "diluted" } == nil)
        #expect(try describe(scene, slot: 1) { $0.name = "diluted more" } == nil)
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.micrographs().allSatisfy { $0.movie.hasPrefix("\(old.directory)/movies/\(old.fileName)_") })
    }

    @Test func `grids are imaged in the order that they are put into, after the one on the stage`() throws {
        let scene = try Scene(grids: 4)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        #expect(try order(scene, [4, 3, 2, 1]) == nil)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(loads(scene) == [1, 4, 3, 2])
    }

    @Test(arguments: [[1, 2], [1, 2, 2], [1, 2, 3, 4], [1, 2, 5]])
    func `an order that is not of all grids is refused`(_ slots: [Int]) throws {
        let scene = try Scene(grids: 3)
        #expect(try order(scene, slots) == .gridOrder)
    }

    @Test func `the question at the end of a grid names the grid that comes next now`() throws {
        let scene = try Scene(grids: 3, pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.nextGrid?.slot == 2)
        #expect(try order(scene, [1, 3, 2]) == nil)
        #expect(try scene.state.prompt?.nextGrid?.slot == 3)
    }

    @Test func `notes and ratings are kept, and say nothing to the run`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachEnd()
        let (grid, image) = (try scene.state.grids[0].grid.id, try #require(try scene.micrographs().first).id)
        func note(_ noting: GridNoting) throws {
            try scene.order { try await $0.note(noting, on: grid, by: "ada", command: "c") }
        }
        try note(GridNoting(quality: .judged(.good), notes: "thin"))
        try note(GridNoting(notes: "thin ice"))
        #expect(try notes(scene)?.quality == .good && notes(scene)?.text == "thin ice")
        #expect(try scene.state.grids[0].quality == .good)
        let seen = try scene.events().count
        try note(GridNoting(notes: "thin ice"))
        #expect(try scene.events().count == seen)
        try note(GridNoting(quality: .open, notes: ""))
        #expect(try notes(scene) == nil && scene.state.grids[0].quality == nil)
        try scene.order { try await $0.rate(image, .badIce, by: "ada", command: "c") }
        #expect(try scene.micrographs().first?.rating == .badIce)
        let missing = MicrographID(9, of: image.hole)
        #expect(try scene.refusal { try await $0.rate(missing, .great, by: "ada", command: "c") }?.code == "image.unknown")
        try scene.order { try await $0.rate(image, nil, by: "ada", command: "c") }
        #expect(try scene.micrographs().first?.ratedBy == nil)
    }
}
