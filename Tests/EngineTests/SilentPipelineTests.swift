import Engine
import Processing
import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Store

/// A disk that says nothing costs no movie its result, and no other session its workers.
@Suite struct SilentPipelineTests {
    private let silent = Flag(Mutex(false))

    /// `first` lies on a disk that can fall silent, `second` on another. `jobs` are those of `first`.
    private func scene(jobs: @escaping (EngineParts) -> any JobRunner) throws -> Scene {
        try Scene(grids: 1) { [silent] parts in
            parts.files = SilencedFiles(files: parts.files) { path in path.contains("first") && silent.value.withLock { $0 } }
            parts.jobs = JobsOfFirst(own: jobs(parts), others: parts.jobs)
        }
    }

    private func silence(_ isSilent: Bool) { silent.value.withLock { $0 = isSilent } }

    private func runSecond(_ scene: Scene) throws -> [Micrograph] {
        let created = scene.world.session("second", grids: 1)
        try scene.order { engine in
            try await engine.create(created)
            try await engine.setPauseBetweenGrids(false, "second", by: "operator", command: "c")
            try await engine.start("second", by: "operator", command: "c")
        }
        try #require(try scene.life.run("second") { !$0.status.needsHolder && $0.status != .ready })
        scene.pass(.seconds(60))
        return try scene.world.store.micrographs(of: GridID("second", slot: 1)) ?? []
    }

    @Test func `movies on a silent disk keep no worker from another session's, and go on when the disk answers`() throws {
        let (gate, begun) = (Gate(), Flag(Mutex(0)))
        let scene = try scene { parts in
            CountedJobs(jobs: HangingJobs(gate: gate)) { begun.value.withLock { $0 += 1 } }
        }
        try scene.start()
        try scene.reachEnd()
        try #require(try scene.facts().workers == 2)
        silence(true)
        #expect(try runSecond(scene).map(\.status) == Array(repeating: .processed, count: 8))
        // Those that hang are all that ever will: no other is begun there.
        #expect(begun.value.withLock { $0 } == 2)
        silence(false)
        gate.open()
        scene.pass(.seconds(60))
        #expect(try scene.micrographs().map(\.status) == Array(repeating: .processed, count: 8))
    }

    @Test(arguments: 0..<10) func `one silent disk holds no more jobs than the width, however many sessions lie on it`(
        seed: UInt64
    ) throws {
        let (gate, begun) = (Gate(), Flag(Mutex(0)))
        let scene = try Scene(seed: seed, grids: 1) { [silent] parts in
            parts.files = SilencedFiles(files: parts.files) { _ in silent.value.withLock { $0 } }
            parts.jobs = CountedJobs(jobs: HangingJobs(gate: gate)) { begun.value.withLock { $0 += 1 } }
        }
        try scene.start()
        try scene.reachEnd()
        #expect(try runSecond(scene).map(\.status) == Array(repeating: .saved, count: 8))
        silence(true)
        scene.pass(.seconds(3600))
        #expect(begun.value.withLock { $0 } == 2)
        silence(false)
        gate.open()
        scene.pass(.seconds(60))
        #expect(begun.value.withLock { $0 } == 16)
    }

    @Test(arguments: [Duration.seconds(600), .seconds(3600)])
    func `a job that goes wrong over a silent disk is not its movie's failure`(silence duration: Duration) throws {
        let isLost = Flag(Mutex(false))
        let scene = try scene { parts in
            LosableJobs(jobs: PatientJobs(clock: parts.clock), problem: JobProblem(sentence: "The worker was too late.")) {
                isLost.value.withLock { $0 }
            }
        }
        try scene.start()
        try scene.reachEnd()
        silence(true)
        isLost.value.withLock { $0 = true }
        scene.pass(duration)
        silence(false)
        scene.pass(.seconds(3600) - duration)
        isLost.value.withLock { $0 = false }
        scene.pass(.seconds(10 * 3600))
        #expect(try scene.micrographs().map(\.status) == Array(repeating: .processed, count: 8))
    }

    @Test(arguments: [false, true])
    func `a job that ends as cancelled though nobody ended it waits for another try`(isStoreHidden: Bool) throws {
        let isLost = Flag(Mutex(false))
        let scene = try scene { parts in
            LosableJobs(jobs: PatientJobs(clock: parts.clock), problem: JobProblem(sentence: "Ended.", wasCancelled: true)) {
                isLost.value.withLock { $0 }
            }
        }
        try scene.start()
        try scene.reachEnd()
        isLost.value.withLock { $0 = true }
        // The next movies are asked for while nothing can be read.
        if isStoreHidden { try scene.world.store.hideEvents(true) }
        scene.pass(.seconds(2 * 3600))
        if isStoreHidden { try scene.world.store.hideEvents(false) }
        isLost.value.withLock { $0 = false }
        scene.pass(.seconds(10 * 3600))
        #expect(try scene.micrographs().map(\.status) == Array(repeating: .processed, count: 8))
    }
}

extension RunStore {
    /// What is not in memory cannot be read meanwhile.
    fileprivate func hideEvents(_ hides: Bool) throws {
        let (from, to) = hides ? ("events", "hidden") : ("hidden", "events")
        try configuring { db in try db.run("ALTER TABLE \(from) RENAME TO \(to)", []) }
        doubtCachedStates(of: "first")
    }
}

/// Jobs of the session `first`, and of all others.
private struct JobsOfFirst: JobRunner {
    let own: any JobRunner
    let others: any JobRunner
    var width: Int { others.width }
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        try await (job.micrograph.session == "first" ? own : others).process(job)
    }
}

/// Jobs that read a disk which does not answer before the gate opens: nothing ends them either.
private struct HangingJobs: JobRunner {
    let width = 2
    let gate: Gate
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        await gate.wait()
        return Measurement(average: "a", picture: "p", spectrum: "s", shifts: [], totalMotion: 0, ctf: nil, reason: "No ice.")
    }
}

/// Jobs that end with a problem as long as somebody says so.
private struct LosableJobs: JobRunner {
    let jobs: any JobRunner
    let problem: JobProblem
    let isLost: @Sendable () -> Bool
    var width: Int { jobs.width }
    init(jobs: any JobRunner, problem: JobProblem, isLost: @escaping @Sendable () -> Bool) {
        (self.jobs, self.problem, self.isLost) = (jobs, problem, isLost)
    }
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        let measurement = try await jobs.process(job)
        if isLost() { throw problem }
        return measurement
    }
}
