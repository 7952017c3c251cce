import Microscope
import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Engine
@testable import Store

@Suite struct DirtyStateTests {
    /// What an accident can leave of a lock.
    enum Leftover: String, CaseIterable, Sendable {
        case deadProcess, reusedPid, anotherBoot, unreadable

        func content(_ world: SimulatedWorld, living pid: Int) -> LockFileContent {
            switch self {
            case .unreadable: return .unreadable
            case .deadProcess: return .holder(Self.holder(pid: 4711, boot: "boot-1", start: 471_100))
            case .reusedPid: return .holder(Self.holder(pid: pid, boot: "boot-1", start: 1))
            case .anotherBoot: return .holder(Self.holder(pid: pid, boot: "boot-0", start: Int64(pid) * 100))
            }
        }

        static func holder(host: String = "scopehost", pid: Int, boot: String, start: Int64) -> LockHolder {
            LockHolder(
                session: "ghost", sessionName: "ghost", group: "demo", person: "nobody", host: host, pid: pid, bootID: boot,
                processStart: start, startedAt: Timestamp(milliseconds: 1_780_000_000_000), epoch: 1)
        }
    }

    @Test(arguments: Leftover.allCases) func `a lock file that nobody holds is cleared by the next start`(leftover: Leftover)
        throws
    {
        let scene = try Scene(grids: 1)
        scene.world.setLockFile(leftover.content(scene.world, living: 1001))
        let facts = try scene.facts()
        #expect(facts.lock.file && !facts.lock.living && facts.removeLock.allowed)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test(arguments: Leftover.allCases) func `a lock file that nobody holds is cleared when the server starts`(leftover: Leftover)
        throws
    {
        var scene = try Scene(grids: 1)
        scene.world.setLockFile(leftover.content(scene.world, living: 1001))
        try scene.crash()
        #expect(scene.world.lockFile() == nil)
    }

    @Test(arguments: Leftover.allCases) func `a lock file that nobody holds is cleared by staff`(leftover: Leftover) throws {
        let scene = try Scene(grids: 1)
        scene.world.setLockFile(leftover.content(scene.world, living: 1001))
        let epoch = try scene.world.store.epoch(of: "scope-1")
        try scene.order { try await $0.removeLock(of: "scope-1") }
        #expect(scene.world.lockFile() == nil)
        #expect(try scene.world.store.epoch(of: "scope-1") == epoch + 1)
        let facts = try scene.facts()
        #expect(!facts.lock.held && !facts.removeLock.allowed)
        #expect(facts.removeLock.sentence == "Not needed now: there is no lock.")
    }

    @Test func `a run that begins while staff's look at the lock file takes long keeps its lock`() throws {
        let looks = SlowFirstLook()
        var scene = try Scene(grids: 1) { $0.locks = HeldUpLocks(others: $0.locks, looks: looks) }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        looks.arm()
        let refusal = try scene.refusal { [id = scene.id] engine throws in
            async let removal: Void = engine.removeLock(of: "scope-1")
            await looks.begun.wait()
            try await engine.start(id, by: "operator", command: "c")
            looks.end.set()
            try await removal
        }
        #expect(refusal?.code == "scopeLock.living")
        #expect(try scene.world.store.holder(of: "scope-1")?.session == scene.id)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a lock file of another host keeps a start out until staff removes it`() throws {
        let scene = try Scene(grids: 1)
        let holder = Leftover.holder(host: "elsewhere", pid: 1, boot: "boot-9", start: 1)
        scene.world.setLockFile(.holder(holder))
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") } == .lock(.foreign(holder)))
        #expect(scene.ledger.isEmpty)
        #expect(try scene.facts().lock.person == "nobody")
        try scene.order { try await $0.removeLock(of: "scope-1") }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `the session whose lock staff removed reads by whom and why`() throws {
        let scene = try Scene(grids: 1)
        var holder = Leftover.holder(host: "elsewhere", pid: 1, boot: "boot-9", start: 1)
        holder.session = scene.id
        scene.world.setLockFile(.holder(holder))
        try scene.order { try await $0.removeLock(of: "scope-1", by: "grace", reason: "That machine was retired") }
        let line = try #require(try scene.lines().last)
        #expect(line.level == .warning)
        #expect(line.message == "The lock on the microscope was removed by grace. Reason: That machine was retired")
    }

    @Test func `a session that is left without its lock by a force-start reads by whom and why`() throws {
        let scene = try Scene(grids: 1)
        let created = scene.world.session("left", grids: 1)
        try scene.order { try await $0.create(created) }
        var holder = Leftover.holder(pid: 4711, boot: "boot-1", start: 471_100)
        holder.session = "left"
        holder.epoch = try scene.world.store.nextEpoch(of: "scope-1")
        let taken = RunEvent.lockTaken(LockTaken(microscope: "scope-1", holder: holder))
        _ = try scene.world.store.append(Entry(session: "left", events: [taken]), at: holder.startedAt)
        let id = scene.id
        try scene.order { try await $0.start(id, by: "grace", forced: true, reason: "Its machine is gone", command: "c") }
        let lines = try scene.world.store.newestLogLines(of: "left", log: .imaging, limit: 9).map(\.line.message)
        #expect(lines.last == "Another session was force-started by grace. Reason: Its machine is gone")
        #expect(try !scene.lines().contains { $0.message.hasPrefix("Another session") })
        try scene.reachEnd()
    }

    @Test func `a forced start is offered where a start would be taken, and nowhere else`() throws {
        var scene = try Scene(grids: 1)
        #expect(try scene.facts().forceStart.sentence == "Start does the same here.")
        let (id, grid) = (scene.id, GridID(scene.id, slot: 1))
        func archive(_ archived: Bool) throws {
            try scene.order { try await $0.archive(archived, id, by: "staff", command: "c") }
        }
        try archive(true)
        #expect(try !scene.facts().forceStart.allowed && scene.facts().forceStart.sentence == "This session is in the archive.")
        try archive(false)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        try scene.order { try await $0.abort(grid, of: id, by: "operator", command: "c") }
        // The grid is closed, and nobody knows yet what became of its exposure.
        #expect(try scene.micrographs().contains { $0.status == .exposing } && scene.facts().forceStart.allowed)
        try scene.start()
        try scene.reachEnd()
        #expect(try !scene.micrographs().contains { $0.status == .exposing })
        let facts = try scene.facts()
        #expect(
            !facts.forceStart.allowed
                && facts.forceStart.sentence == "Every grid of this session is complete, aborted or left out.")
    }

    @Test(arguments: ["starting", "running", "paused", "stopping"], [false, true])
    func `a stored status that no run stands behind is cured by a start, forced or not`(status: String, forced: Bool) throws {
        let scene = try Scene(grids: 1)
        try scene.setStoredStatus(status)
        let facts = try scene.facts()
        #expect(facts.recordedStatus.rawValue == status)
        #expect(!facts.process.alive && !facts.lock.held)
        #expect(facts.forceStart.sentence == "The recorded status has no living run behind it.")
        #expect(facts.forceStart.allowed)
        #expect(facts.forceKill.allowed)
        try scene.start(by: "staff", forced: forced)
        let events = try scene.events().map(\.event.type)
        #expect(events.contains("runInterrupted"))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a stored status that no run stands behind is cured when the server starts`() throws {
        var scene = try Scene(grids: 1)
        try scene.setStoredStatus("running")
        try scene.crash()
        #expect(try scene.state.status == .interrupted)
    }

    @Test func `a stored status that no run stands behind is cured by a force-kill`() throws {
        let scene = try Scene(grids: 1)
        try scene.setStoredStatus("paused")
        #expect(try scene.facts().recordedStatus == .paused)
        try scene.kill()
        #expect(try scene.state.status == .killed)
        #expect(try scene.state.outcome?.found == ["No run was alive."])
    }

    @Test func `with a living run the staff's remedies are refused and say why`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let facts = try scene.facts()
        #expect(facts.process.alive && facts.lock.living && facts.lock.file)
        #expect(facts.lock.person == "operator" && facts.lock.session == scene.id)
        #expect(!facts.forceStart.allowed && !facts.removeLock.allowed && facts.forceKill.allowed)
        #expect(facts.removeLock.sentence == "A living run holds this lock. Stop it or force-kill it first.")
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "staff", forced: true, command: "c") }?.code == "scopeLock.living")
        #expect(try scene.refusal { try await $0.removeLock(of: "scope-1") }?.code == "scopeLock.living")
        #expect(try scene.refusal { try await $0.start(id, by: "staff", command: "c") } == .alreadyRunning(id))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `after kill -9 the lock is known as stale and freed`() throws {
        var scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        #expect(scene.world.lockFile() != nil)
        try scene.crash()
        #expect(scene.world.lockFile() == nil)
        #expect(try scene.world.store.holder(of: "scope-1") == nil)
        let facts = try scene.facts()
        #expect(facts.recordedStatus == .interrupted && !facts.lock.held && !facts.process.alive)
        #expect(try scene.state.outcome?.interrupted?.micrograph != nil)
    }
}

extension Scene {
    /// As a hand in the database would.
    func setStoredStatus(_ status: String) throws {
        try world.store.writing { [id] in try $0.run("UPDATE sessions SET status = ? WHERE id = ?", [status, id.rawValue]) }
    }
}

/// Holds up the first look at a lock file after it was armed.
private final class SlowFirstLook: Sendable {
    let begun = Latch()
    let end = Latch()
    private let isArmed = Mutex(false)

    func arm() { isArmed.withLock { $0 = true } }
    func pass() async {
        let isFirst = isArmed.withLock { isArmed in
            defer { isArmed = false }
            return isArmed
        }
        guard isFirst else { return }
        begun.set()
        await end.wait()
    }
}

private struct HeldUpLocks: LockFiles {
    let others: any LockFiles
    let looks: SlowFirstLook

    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        try await others.create(holder, for: microscope)
    }
    func read(_ microscope: MicroscopeID) async -> LockFileContent? {
        await looks.pass()
        return await others.read(microscope)
    }
    func remove(_ microscope: MicroscopeID) async throws(RunFileError) { try await others.remove(microscope) }
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        try await others.remove(holder, of: microscope)
    }
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError) { try await others.setAside(microscope) }
}
