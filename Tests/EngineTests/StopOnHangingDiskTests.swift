import Engine
import Processing
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// A stop and a force-kill while a disk says nothing to the call that is under way. Each such call would take its whole deadline.
@Suite struct StopOnHangingDiskTests {
    /// Runs until something hangs.
    private func reachHang(_ scene: Scene, _ disk: HangingDisk) throws {
        try #require(scene.life.executor.run(until: { disk.hangs }) == .reached, "nothing hangs")
    }

    /// How long it took from the order until the valves were told to close.
    private func closing(_ scene: Scene, _ order: () throws -> Void) throws -> Duration {
        let (executor, column, before) = (scene.life.executor, scene.world.column(), scene.life.executor.now)
        let closings = { column.ledger.count { $0.kind == .command && $0.name == "setValves" && $0.args == ["closed"] } }
        let earlier = closings()
        try order()
        try #require(executor.run(until: { closings() > earlier }) == .reached, "the valves are not closed")
        return before.duration(to: executor.now)
    }

    private func finish(_ scene: Scene, _ disk: HangingDisk) throws {
        try scene.reachEnd()
        disk.answer()
        try scene.checkAtRest(.stopped)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(Set(scene.exposed).count == 8 && scene.exposed.count == 8)
    }

    /// A lock file that somebody has removed is looked at and put back before the next exposure.
    private func atLockFile(_ call: HangingDisk.Call) throws -> (Scene, HangingDisk) {
        let disk = HangingDisk()
        let scene = try Scene(grids: 1) { parts in
            parts.settings.lockWatchInterval = .seconds(72_000)
            parts.locks = HangingLockFiles(locks: parts.locks, disk: disk.on(parts.clock))
        }
        try scene.start()
        try scene.reachCommand("autofocus")
        if call != .read { scene.world.setLockFile(nil) }
        disk.hang(at: call)
        try reachHang(scene, disk)
        return (scene, disk)
    }

    @Test(arguments: [HangingDisk.Call.read, .remove, .create])
    func `a stop waits for no look at the lock file, and for none that is put back`(call: HangingDisk.Call) throws {
        let (scene, disk) = try atLockFile(call)
        #expect(try closing(scene) { try scene.stop() } < .milliseconds(200))
        #expect(scene.exposed.isEmpty)
        try finish(scene, disk)
    }

    @Test(arguments: [HangingDisk.Call.read, .remove, .create])
    func `a force-kill waits for none either`(call: HangingDisk.Call) throws {
        let (scene, disk) = try atLockFile(call)
        let before = scene.life.executor.now
        try scene.kill()
        // The valves and the goodbye have their own deadline each.
        #expect(before.duration(to: scene.life.executor.now) < .milliseconds(1600))
        disk.answer()
        try scene.reach { $0.status == .killed }
        scene.pass(.seconds(1))
        try scene.checkAtRest(.killed, valvesClosed: false)
    }

    @Test func `a stop waits for no lock file that is written anew over a new link`() throws {
        let disk = HangingDisk()
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "moveStage", number: 2, moment: .before)]
        ) { parts in
            parts.settings.lockWatchInterval = .seconds(72_000)
            parts.locks = HangingLockFiles(locks: parts.locks, disk: disk.on(parts.clock))
        }
        try scene.start()
        try scene.reachCommand("moveStage")
        disk.hang(at: .create)
        try reachHang(scene, disk)
        let before = scene.life.executor.now
        try scene.stop()
        try scene.reach { $0.status == .stopped }
        // The link is opened once more, to close the valves.
        #expect(before.duration(to: scene.life.executor.now) < .seconds(5))
        try finish(scene, disk)
    }

    @Test(arguments: [HangingDisk.Call.folder, .movie, .space])
    func `a stop waits for no look at the session's folder, its movies or its room`(call: HangingDisk.Call) throws {
        let disk = HangingDisk()
        let scene = try Scene(grids: 1) { parts in
            parts.files = HangingFiles(files: parts.files, disk: disk.on(parts.clock))
            parts.settings.diskInterval = .seconds(72_000)
        }
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        disk.hang(at: call)
        try reachHang(scene, disk)
        #expect(try closing(scene) { try scene.stop() } <= .milliseconds(200))
        try finish(scene, disk)
    }

    /// A start that waits for a disk, until it hangs.
    private func startOn(_ call: HangingDisk.Call) throws -> (Scene, HangingDisk) {
        let disk = HangingDisk()
        let scene = try Scene(grids: 1) { parts in
            parts.settings.diskInterval = .seconds(72_000)
            parts.files = HangingFiles(files: parts.files, disk: disk.on(parts.clock))
            parts.locks = HangingLockFiles(locks: parts.locks, disk: disk)
        }
        scene.pass(.seconds(1))
        disk.hang(at: call)
        let (engine, id) = (scene.life.engine, scene.id)
        // Whether it is refused or stopped is the same to whoever waits for the stop.
        scene.life.executor.start { try? await engine.start(id, by: "operator", command: "start") }
        try reachHang(scene, disk)
        return (scene, disk)
    }

    /// Nothing was begun: the microscope heard nothing, the lock is free, and whoever rang has what they asked for.
    private func checkGivenUp(_ scene: Scene, _ disk: HangingDisk, by person: String) throws {
        #expect(!scene.isLiving && scene.ledger.isEmpty)
        let refused = try #require(try scene.events().compactMap(\.startRefusal).last)
        #expect(refused.code == "session.givenUp" && refused.sentence == "\(person) asked for a stop before the run had begun.")
        #expect(try scene.state.status == .ready)
        try finishStart(scene, disk)
    }

    @Test(arguments: [HangingDisk.Call.take, .space, .read, .create, .created])
    func `a start hears a stop`(call: HangingDisk.Call) throws {
        let (scene, disk) = try startOn(call)
        let before = scene.life.executor.now
        try scene.stop()
        // Each question that is left has what a healthy disk needs.
        #expect(before.duration(to: scene.life.executor.now) < .milliseconds(600))
        try checkGivenUp(scene, disk, by: "operator")
    }

    @Test(arguments: [HangingDisk.Call.take, .space, .read, .create, .created])
    func `a start hears a force-kill`(call: HangingDisk.Call) throws {
        let (scene, disk) = try startOn(call)
        let before = scene.life.executor.now
        try scene.kill()
        #expect(before.duration(to: scene.life.executor.now) < .milliseconds(600))
        try checkGivenUp(scene, disk, by: "staff")
    }

    private func finishStart(_ scene: Scene, _ disk: HangingDisk) throws {
        disk.answer()
        scene.pass(.seconds(10))
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(Set(scene.exposed).count == 8 && scene.exposed.count == 8)
    }

    @Test(arguments: [HangingDisk.Call.picture, .squares, .holes])
    func `a stop waits for no look at an image`(call: HangingDisk.Call) throws {
        let disk = HangingDisk()
        let scene = try Scene(grids: 1) { parts in
            parts.finder = HangingFinder(finder: parts.finder, disk: disk.on(parts.clock))
        }
        try scene.start()
        try scene.reach { $0.status == .running }
        disk.hang(at: call)
        try reachHang(scene, disk)
        #expect(try closing(scene) { try scene.stop() } < .milliseconds(200))
        try finish(scene, disk)
    }
}

extension StoredEvent {
    fileprivate var startRefusal: StartRefused? {
        if case .startRefused(let news) = event { news } else { nil }
    }
}

/// A disk that keeps one kind of call waiting, each for its whole deadline, as a lane does: whoever is cancelled is let go.
final class HangingDisk: Sendable {
    enum Call: Sendable { case read, remove, create, created, take, folder, movie, space, picture, squares, holes }
    private struct State {
        var call: Call?
        var waiting = 0
        var clock: (any Clock<Duration>)?
    }
    private let state = Mutex(State())

    func on(_ clock: any Clock<Duration>) -> HangingDisk {
        state.withLock { $0.clock = clock }
        return self
    }
    func hang(at call: Call) { state.withLock { $0.call = call } }
    func answer() { state.withLock { $0.call = nil } }
    /// Whether a call hangs now.
    var hangs: Bool { state.withLock { $0.waiting > 0 } }

    /// Returns where the disk answers; false where it did not within the deadline, or nobody waits any more.
    func answers(_ call: Call, within deadline: Duration = .seconds(5)) async -> Bool {
        let clock = state.withLock { state -> (any Clock<Duration>)? in
            guard state.call == call else { return nil }
            state.waiting += 1
            return state.clock
        }
        guard let clock else { return true }
        try? await clock.sleep(for: deadline)
        state.withLock { $0.waiting -= 1 }
        return false
    }
}

private struct HangingLockFiles: LockFiles {
    let locks: any LockFiles
    let disk: HangingDisk
    private static let silence = RunFileError.noAnswer(path: "/data/locks/scope-1.lock", for: .seconds(5))

    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        guard await disk.answers(.create) else { throw Self.silence }
        let isMade = try await locks.create(holder, for: microscope)
        guard await disk.answers(.created) else { throw Self.silence }
        return isMade
    }
    func read(_ microscope: MicroscopeID) async -> LockFileContent? {
        guard await disk.answers(.read) else { return .silent(Self.silence) }
        return await locks.read(microscope)
    }
    func remove(_ microscope: MicroscopeID) async throws(RunFileError) {
        guard await disk.answers(.remove) else { throw Self.silence }
        try await locks.remove(microscope)
    }
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        try await locks.remove(holder, of: microscope)
    }
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError) { try await locks.setAside(microscope) }
}

private struct HangingFiles: RunFiles {
    let files: any RunFiles
    let disk: HangingDisk

    private func ask(_ call: HangingDisk.Call, _ path: String) async throws(RunFileError) {
        guard await disk.answers(call) else { throw .noAnswer(path: path, for: .seconds(5)) }
    }
    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        try await ask(.take, relative)
        return try await files.takeFolder(relative, for: owner, taking)
    }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try await ask(.folder, relative)
        try await files.checkFolder(relative, folder, of: owner)
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try await files.inner(folders, of: session)
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) { try await files.makeDirectories(paths) }
    func path(_ relative: String) -> String { files.path(relative) }
    func names(in relative: String) async throws(RunFileError) -> [String] { try await files.names(in: relative) }
    func append(_ text: String, to relative: String) async throws(RunFileError) { try await files.append(text, to: relative) }
    func space(at path: String) async throws(RunFileError) -> DiskSpace {
        try await ask(.space, path)
        return try await files.space(at: path)
    }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        try await ask(.movie, path)
        return try await files.movie(at: path, frames: frames)
    }
}

private struct HangingFinder: TargetFinder {
    let finder: any TargetFinder
    let disk: HangingDisk

    private func ask(_ call: HangingDisk.Call) async throws(FinderProblem) {
        guard await disk.answers(call, within: .seconds(120)) else {
            throw FinderProblem(sentence: "The image was not looked at.", isSilence: true)
        }
    }
    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {
        try await ask(.picture)
        try await finder.makePicture(of: file, into: picture)
    }
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        try await ask(.squares)
        return try await finder.squares(on: atlas, at: path)
    }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        try await ask(.holes)
        return try await finder.holes(on: square, at: path, holeType: holeType, pattern: pattern)
    }
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { try await finder.match(look, with: atlas, at: paths) }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? {
        try await finder.holeCentre(on: hole, at: path, size: size)
    }
}
