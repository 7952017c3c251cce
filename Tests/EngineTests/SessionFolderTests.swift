import Blocking
import Dispatch
import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
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

    @Test func `an answer to a silent disk is no word on another folder`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        scene.world.folderProblem = .noAnswer(path: Self.path)
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let asked = try #require(try scene.state.prompt)
        scene.world.folderProblem = .folderChanged(path: Self.path)
        try scene.answer("continue")
        scene.pass(.seconds(600))
        #expect(scene.world.folderProblem != nil)
        let now = try #require(try scene.state.prompt)
        #expect(now.id != asked.id && now.cause != asked.cause)
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    /// SerialEM's word that nothing was taken is a mark that is missing in the folder.
    @Test(arguments: [false, true], [false, true]) func `what another folder at the path lacks proves nothing about an exposure`(
        isChangedWhileAsked: Bool, isAccepted: Bool
    ) throws {
        let (share, isEmpty) = (Flag(Mutex<SimulatedWorld?>(nil)), Flag(Mutex(false)))
        let other = RunFileError.folderChanged(path: Self.path)
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)]
        ) { parts in
            let microscope = parts.microscope
            parts.microscope = {
                MarksInAFolder(
                    scope: microscope($0, $1), share: share, isEmpty: isEmpty, change: isChangedWhileAsked ? other : nil)
            }
        }
        share.value.withLock { $0 = scene.world }
        try scene.start()
        try scene.reachCommand("record", number: 3)
        if !isChangedWhileAsked { scene.world.folderProblem = other }
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(scene.exposed.count == 3)
        if isAccepted {
            // Nothing is on the other disk.
            isEmpty.value.withLock { $0 = true }
            scene.world.removeMovies()
            try scene.answer("continue")
            try scene.reach { $0.prompt?.kind == .exposureUnknown }
            try scene.answer("leave")
        } else {
            scene.world.folderProblem = nil
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
        #expect(try scene.state.grids.map(\.images) == [isAccepted ? 7 : 8])
    }

    @Test func `what another folder lacked when the microscope was asked proves nothing, even if the right one is back`() throws {
        let (share, isEmpty) = (Flag(Mutex<SimulatedWorld?>(nil)), Flag(Mutex(false)))
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)]
        ) { parts in
            let microscope = parts.microscope
            parts.microscope = {
                MarksInAFolder(scope: microscope($0, $1), share: share, isEmpty: isEmpty, change: nil, comesBack: true)
            }
        }
        share.value.withLock { $0 = scene.world }
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.world.folderProblem = .folderChanged(path: Self.path)
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.world.folderProblem = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    /// What cuts a run off between a person's word on another folder and what that says of an open exposure.
    @Test(arguments: [false, true]) func `an accepted folder proves nothing after a cut either`(isStopped: Bool) throws {
        let (share, isEmpty, store) = (Flag(Mutex<SimulatedWorld?>(nil)), Flag(Mutex(false)), FailingStore())
        let other = RunFileError.folderChanged(path: Self.path)
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)]
        ) { parts in
            store.stand(before: &parts)
            let microscope = parts.microscope
            parts.microscope = { MarksInAFolder(scope: microscope($0, $1), share: share, isEmpty: isEmpty, change: nil) }
        }
        share.value.withLock { $0 = scene.world }
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.world.folderProblem = other
        try scene.reach { $0.prompt?.kind == .diskSilent }
        isEmpty.value.withLock { $0 = true }
        scene.world.removeMovies()
        try scene.answer("continue")
        if isStopped {
            #expect(scene.life.executor.run(until: { scene.world.folderProblem == nil }, limitSteps: 10_000) == .reached)
            try scene.stop()
            try scene.reachEnd()
            try scene.start()
        } else {
            store.fail(changes: Set((store.changes + 2)...(store.changes + 3)))
        }
        try scene.reach { $0.prompt?.kind == .exposureUnknown }
        #expect(scene.exposed.count == 3)
        try scene.answer("leave")
        try scene.reachEnd()
        #expect(scene.exposed.count == 8)
    }

    @Test func `another folder that a person accepts gets what the grid at hand writes to`() throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(grids: 1) { parts in
            parts.files = FoldersOnDisk(others: parts.files, disk: LocalFiles(root: folder.path, disks: DiskLanes()))
        }
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        let place = folder.path(of: scene.world.session("first").session.directory)
        try Files.rename(place, to: folder.path(of: "away"))
        try Files.makeDirectories(place)
        try scene.reach { $0.prompt?.kind == .diskSilent }
        try scene.answer("continue")
        try scene.reach { $0.grids[0].images == 3 }
        #expect(
            try Files.names(in: "\(place)/\(scene.world.session("first").grids[0].directory)").sorted() == [
                "movies", "png", "raw",
            ])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a grid's folder that somebody removed is asked about, and made anew on a person's word`() throws {
        let isLost = Flag(Mutex(false))
        let scene = try Scene(grids: 1) { $0.files = LostGrid(others: $0.files, isLost: isLost) }
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        isLost.value.withLock { $0 = true }
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(scene.exposed.count <= 3)
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    @Test func `a second session of a name leaves the folder of the first alone`() throws {
        let marks = Flag(Mutex<[SessionID]>([]))
        let scene = try Scene(grids: 1) { $0.files = NotedMarks(others: $0.files, marks: marks) }
        var second = scene.world.session("second")
        (second.session.name, second.session.directory) = ("first", second.session.directory.replacing("second", with: "first"))
        let again = second
        #expect(try scene.refusal { try await $0.create(again) }?.code == "store.nameTaken")
        #expect(marks.value.withLock(\.self) == ["first"])
    }

    @Test func `of two who make one session at once the one who gets it has the folder`() throws {
        for seed in Seeds.first(20) {
            let marks = Flag(Mutex<[SessionID]>([]))
            let scene = try Scene(seed: seed, grids: 1) { $0.files = NotedMarks(others: $0.files, marks: marks) }
            let both = ["a", "b"].map { id in
                var made = scene.world.session(id)
                (made.session.name, made.session.directory) = ("same", "sessions/demo/20260922_same")
                return made
            }
            let made = try scene.life.command { [engine = scene.life.engine] in
                await withTaskGroup(of: SessionID?.self) { group in
                    for one in both {
                        group.addTask { (try? await engine.create(one)).map { one.session.id } }
                    }
                    return await group.reduce(into: [SessionID]()) { made, id in made += [id].compactMap(\.self) }
                }
            }
            #expect(made.count == 1 && marks.value.withLock(\.last) == made.first, "seed \(seed)")
        }
    }
}

/// Notes for whom folders of new sessions are marked.
private struct NotedMarks: PassedFiles {
    let others: any RunFiles
    let marks: Flag<[SessionID]>

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        // Others come in between.
        await Task.yield()
        if case .new = taking { marks.value.withLock { $0.append(owner.session) } }
        return try await others.takeFolder(relative, for: owner, taking)
    }
}

/// Sessions' folders on this machine's disk, whose lanes the caller waits for where it stands; everything else as in the simulated world.
private struct FoldersOnDisk: PassedFiles {
    let others: any RunFiles
    let disk: LocalFiles

    private func waiting<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(RunFileError) -> Value
    ) throws(RunFileError) -> Value {
        let (done, result) = (DispatchSemaphore(value: 0), Flag(Mutex<Result<Value, RunFileError>?>(nil)))
        // From a thread of its own: a task of the seeded executor's would wait for the one that waits for it.
        DispatchQueue.global().async {
            Task {
                let outcome: Result<Value, RunFileError>
                do throws(RunFileError) { outcome = .success(try await body()) } catch { outcome = .failure(error) }
                result.value.withLock { $0 = outcome }
                done.signal()
            }
        }
        done.wait()
        guard let outcome = result.value.withLock(\.self) else { throw .noAnswer(path: "") }
        return try outcome.get()
    }
    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        let disk = disk
        return try waiting { () async throws(RunFileError) in try await disk.takeFolder(relative, for: owner, taking) }
    }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        let disk = disk
        try waiting { () async throws(RunFileError) in try await disk.checkFolder(relative, folder, of: owner) }
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        let disk = disk
        return try waiting { () async throws(RunFileError) in try await disk.inner(folders, of: session) }
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        let disk = disk
        try waiting { () async throws(RunFileError) in try await disk.makeDirectories(paths) }
    }
}

/// Files that answer as others do, but for what they answer themselves.
private protocol PassedFiles: RunFiles {
    var others: any RunFiles { get }
}

extension PassedFiles {
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try await others.checkFolder(relative, folder, of: owner)
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try await others.inner(folders, of: session)
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) { try await others.makeDirectories(paths) }
    func path(_ relative: String) -> String { others.path(relative) }
    func names(in relative: String) async throws(RunFileError) -> [String] { try await others.names(in: relative) }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        try await others.movie(at: path, frames: frames)
    }
    func append(_ text: String, to relative: String) async throws(RunFileError) { try await others.append(text, to: relative) }
    func space(at path: String) async throws(RunFileError) -> DiskSpace { try await others.space(at: path) }
}

/// A grid whose folder is not there until somebody makes it.
private struct LostGrid: PassedFiles {
    let others: any RunFiles
    let isLost: Flag<Bool>

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder { try await others.takeFolder(relative, for: owner, taking) }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) { isLost.value.withLock { $0 = false } }
    func names(in relative: String) async throws(RunFileError) -> [String] { try await others.names(in: relative) }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        if isLost.value.withLock(\.self) { throw .missing(path: Files.folder(of: path)) }
        return try await others.movie(at: path, frames: frames)
    }
}

/// As over SerialEM: what was taken is known by marks in the session's folder.
private struct MarksInAFolder: WrappedMicroscope {
    let scope: any Microscope
    let share: Flag<SimulatedWorld?>
    let isEmpty: Flag<Bool>
    /// What becomes of the folder while it is asked for the first time.
    let change: RunFileError?
    /// Whether the session's own folder is back when the answer is there.
    var comesBack = false

    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        let found = try await scope.evidence(of: request)
        let world = share.value.withLock(\.self)
        if let change, world?.column().ledger.count(where: { $0.name == "evidence" }) == 1 { world?.folderProblem = change }
        defer { if comesBack { world?.folderProblem = nil } }
        return world?.folderProblem == nil && !isEmpty.value.withLock(\.self) ? found : .notTaken
    }
}
