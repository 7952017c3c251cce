import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// The lock file of a living run, changed by somebody else.
@Suite struct LockWatchTests {
    private func scene(seed: UInt64 = 1) throws -> Scene {
        let scene = try Scene(seed: seed, grids: 1) { $0.settings.lockWatchInterval = .seconds(2) }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        return scene
    }

    private func holder(_ scene: Scene) throws -> LockHolder {
        guard case .holder(let holder)? = scene.world.lockFile() else { throw LinesMissing() }
        return holder
    }
    private struct LinesMissing: Error {}

    @Test func `a lock file that is gone is put back within two seconds, and the log says so`() throws {
        let scene = try scene()
        let holder = try holder(scene)
        scene.world.setLockFile(nil)
        scene.pass(.milliseconds(2100))
        #expect(scene.world.lockFile() == .holder(holder))
        #expect(
            try scene.lines().contains {
                $0.source == "lock" && $0.message == "The scope lock file was gone, and has been written again."
            })
        scene.world.setLockFile(.unreadable)
        scene.pass(.milliseconds(2100))
        #expect(scene.world.lockFile() == .holder(holder))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test(arguments: 0..<20) func `a lock file that names another run ends this one before its next command, and stays`(
        seed: UInt64
    ) throws {
        let scene = try scene(seed: seed)
        scene.pass(.milliseconds(Int(seed) * 700))
        guard try scene.state.status.needsHolder else { return }
        var other = try holder(scene)
        (other.host, other.session, other.person, other.epoch) = ("elsewhere", "other", "grace", other.epoch + 1)
        scene.world.setLockFile(.holder(other))
        scene.pass(.milliseconds(2001))
        let commands = scene.ledger.count { $0.kind == .command }
        try scene.reach { !$0.status.needsHolder }
        #expect(try scene.state.status == .failed)
        #expect(try scene.failure() == "scopeLock.lost")
        #expect(try scene.state.outcome?.sentence?.contains("grace") == true)
        #expect(scene.ledger.count { $0.kind == .command } == commands)
        #expect(scene.world.lockFile() == .holder(other))
        let id = scene.id
        let refusal = try scene.refusal { try await $0.start(id, by: "ada", command: "c") }
        #expect(refusal == .lock(.foreign(other)))
    }

    @Test func `a lock file of a process that is gone costs this run nothing, and is written over`() throws {
        let scene = try scene()
        let holder = try holder(scene)
        var other = holder
        (other.pid, other.session, other.person) = (holder.pid + 7000, "other", "grace")
        scene.world.setLockFile(.holder(other))
        scene.pass(.milliseconds(2100))
        #expect(scene.world.lockFile() == .holder(holder))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `the file is looked at before an exposure, whenever it was changed`() throws {
        let scene = try Scene(grids: 1) { $0.settings.lockWatchInterval = .seconds(72_000) }
        try scene.start()
        try scene.reachCommand("autofocus")
        var other = try holder(scene)
        (other.host, other.session) = ("elsewhere", "other")
        scene.world.setLockFile(.holder(other))
        try scene.reach { !$0.status.needsHolder }
        #expect(try scene.failure() == "scopeLock.lost")
        #expect(scene.exposed.isEmpty)
    }

    @Test func `what a slow disk says of a lock that was taken anew meanwhile is no news`() throws {
        let isSlow = Flag(Mutex(false))
        let scene = try Scene(grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .before)]) {
            parts in
            parts.settings.lockWatchInterval = .seconds(2)
            parts.locks = SlowLocks(others: parts.locks, isSlow: isSlow, clock: parts.clock)
        }
        try scene.start()
        try scene.reach { _ in scene.exposed.count == 2 }
        isSlow.value.withLock { $0 = true }
        let epoch = try holder(scene).epoch
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
        #expect(try scene.world.store.epoch(of: "scope-1") > epoch)
        #expect(try !scene.lines().contains { $0.source == "lock" })
    }

    @Test func `a disk that is silent is no loss`() throws {
        let scene = try scene()
        let holder = try holder(scene)
        scene.world.setLockFile(.silent(.noAnswer(path: "/data/locks/scope-1.lock", for: .seconds(5))))
        scene.pass(.seconds(7))
        scene.world.setLockFile(.holder(holder))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a lock file that names a holder in words of another program ends the run before its next command`() throws {
        let scene = try scene()
        let path = "/data/locks/scope-1.lock"
        scene.world.setLockFile(.unknownForm(path: path))
        scene.pass(.milliseconds(2100))
        let sent = scene.ledger.count
        try scene.reach { !$0.status.needsHolder }
        #expect(try scene.failure() == "scopeLock.unreadable")
        #expect(scene.ledger[sent...].allSatisfy { $0.kind != .exposure && $0.kind != .load })
        #expect(scene.world.lockFile() == .unknownForm(path: path))
    }

    @Test func `a folder in the file's place is said once, and the run goes on`() throws {
        let scene = try scene()
        scene.world.setLockFile(.noFile(path: "/data/locks/scope-1.lock"))
        try scene.reachEnd()
        #expect(try scene.state.status == .completed)
        #expect(try scene.lines().count { $0.message.contains("is no file stands where the scope lock file belongs") } == 1)
    }

    @Test func `a lock file that may not be read any more costs the run nothing, and its cure is on the page afterwards`() throws
    {
        let scene = try scene()
        let path = "/data/locks/scope-1.lock"
        scene.world.setLockFile(.closed(path: path, reason: "permission denied"))
        try scene.reachEnd()
        #expect(try scene.state.status == .completed)
        #expect(try scene.lines().count { $0.message.contains("The scope lock file cannot be read") } == 1)
        let id = scene.id
        let refusal = try scene.refusal { try await $0.start(id, by: "ada", forced: true, command: "c") }
        #expect(refusal == .nothingToRun)
        let other = try Scene(grids: 1)
        other.world.setLockFile(.closed(path: path, reason: "permission denied"))
        let kept = try other.refusal { try await $0.start(id, by: "ada", command: "c") }
        #expect(kept == .lock(.unreadable(path: path, reason: "permission denied")))
        #expect(kept?.remedy?.hasSuffix("staff can move it aside with Remove scope lock file.") == true)
        let facts = try other.facts()
        #expect(facts.lock.file && facts.removeLock.allowed && facts.removeLock.sentence.contains("moved aside"))
        try other.order { try await $0.removeLock(of: "scope-1") }
        try other.start()
        try other.reachEnd()
        try other.checkAtRest(.completed)
    }

    @Test func `a folder in the file's place keeps a start out by name, and staff move it aside`() throws {
        let scene = try Scene(grids: 1)
        scene.world.setLockFile(.noFile(path: "/data/locks/scope-1.lock"))
        let id = scene.id
        let refusal = try scene.refusal { try await $0.start(id, by: "ada", command: "c") }
        #expect(refusal == .lock(.obstructed(path: "/data/locks/scope-1.lock")))
        #expect(refusal?.remedy == "Staff can move it aside with Remove scope lock file.")
        let facts = try scene.facts()
        #expect(facts.lock.file && facts.removeLock.allowed)
        try scene.order { try await $0.removeLock(of: "scope-1") }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }
}

/// Lock files on a disk that takes its time to tell what stood there when it was asked.
private struct SlowLocks: LockFiles {
    let others: any LockFiles
    let isSlow: Flag<Bool>
    let clock: any Clock<Duration>

    func read(_ microscope: MicroscopeID) async -> LockFileContent? {
        let content = await others.read(microscope)
        if isSlow.value.withLock({ isSlow in
            defer { isSlow = false }
            return isSlow
        }) {
            // Cancelled means that nobody wants to know any more.
            try? await clock.sleep(for: .seconds(120))
        }
        return content
    }
    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        try await others.create(holder, for: microscope)
    }
    func remove(_ microscope: MicroscopeID) async throws(RunFileError) { try await others.remove(microscope) }
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        try await others.remove(holder, of: microscope)
    }
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError) { try await others.setAside(microscope) }
}
