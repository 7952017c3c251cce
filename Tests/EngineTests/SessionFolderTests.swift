import Engine
import RunModel
import TestSupport
import Testing

@Suite struct SessionFolderTests {
    private static let path = "/data/sessions/demo/20260922_first"
    static let problems: [RunFileError] = [
        .missing(path: path), .folderChanged(path: path), .folderUnusable(path: path, reason: "read-only file system"),
        .noAnswer(path: path), .cannotMeasure(path: path, reason: "input/output error"),
    ]

    @Test(arguments: problems)
    func `a folder that is not the session's any more pauses the run with its name, and costs no grid and no target`(
        problem: RunFileError
    ) throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        scene.world.folderProblem = problem
        try scene.reach { $0.prompt?.kind == .diskSilent }
        #expect(try scene.state.prompt?.cause?.contains(Self.path) == true)
        let exposures = scene.ledger.count { $0.kind == .exposure }
        let loads = scene.commands("load").count
        scene.pass(.seconds(3600))
        #expect(scene.ledger.count { $0.kind == .exposure } == exposures)
        #expect(scene.commands("load").count == loads)
        #expect(try scene.state.status == .paused)
        scene.world.folderProblem = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(try !scene.targets().contains { $0.status == .failed })
    }

    @Test(arguments: problems) func `a run whose folder is away at the start loads nothing`(problem: RunFileError) throws {
        let scene = try Scene(grids: 1)
        scene.world.folderProblem = problem
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(scene.commands("load").isEmpty)
        scene.world.folderProblem = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a person's word makes another folder the session's, and does not bring one back that is away`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        scene.world.folderProblem = .missing(path: Self.path)
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let first = try #require(try scene.state.prompt?.id)
        try scene.answer("continue")
        try scene.reach { $0.prompt != nil && $0.prompt?.id != first }
        scene.world.folderProblem = .folderChanged(path: Self.path)
        scene.pass(.seconds(60))
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a folder that belongs to another session refuses the start with that session's name`() throws {
        let scene = try Scene(grids: 1)
        scene.world.folderProblem = .folderTaken(path: Self.path, by: "WT")
        let id = scene.id
        let refusal = try scene.refusal { try await $0.start(id, by: "operator", command: "c") }
        #expect(refusal?.code == "files.folderTaken")
        #expect(refusal?.sentence.contains("WT") == true)
        #expect(scene.ledger.isEmpty)
        try scene.checkAtRest(.ready)
    }

    @Test func `a reserve that leaves no room is said at the start, and nothing is loaded`() throws {
        let scene = try Scene(grids: 1)
        scene.world.freeBytes = 40_000_000_000
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") }?.code == "disk.reserve")
        #expect(scene.ledger.isEmpty)
        #expect(try scene.events().contains { if case .startRefused = $0.event { true } else { false } })
        scene.world.freeBytes = 4_000_000_000_000
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }
}
