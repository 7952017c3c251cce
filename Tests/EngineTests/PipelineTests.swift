import Engine
import Processing
import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Store

/// No movie is forgotten: each is worked on, or waits where somebody looks.
@Suite struct PipelineTests {
    @Test func `a movie whose job took long to end is worked on by the next run`() throws {
        let gate = Gate()
        let scene = try Scene(grids: 1) { $0.jobs = ClingingJobs(gate: gate) }
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        try #require(try scene.facts().workers == 2)
        try scene.kill()
        scene.pass(.seconds(300))
        // The jobs of the ended run still stand in work while the next run asks for what is left.
        try scene.start()
        scene.pass(.seconds(5))
        gate.open()
        try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        if try scene.state.prompt?.kind == .exposureUnknown { try scene.answer("leave") }
        try scene.reachEnd()
        scene.pass(.seconds(60))
        #expect(try scene.micrographs().count { $0.status == .saved } == 0)
        #expect(try scene.micrographs().count { $0.status == .processed } >= 7)
    }

    @Test func `what became of movies while the store was full is written once it has room, and not worked out again`() throws {
        let count = Flag(Mutex(0))
        let scene = try Scene(grids: 1) { parts in
            parts.jobs = CountedJobs(jobs: PatientJobs(clock: parts.clock)) { count.value.withLock { $0 += 1 } }
        }
        try scene.start()
        try scene.reach { !$0.status.needsHolder && $0.status != .ready }
        try scene.world.store.limitPages(toPresent: true)
        scene.pass(.seconds(3 * 3600))
        let begun = count.value.withLock { $0 }
        try #require(try scene.micrographs().contains { $0.status == .saved })
        scene.pass(.seconds(10 * 3600))
        // Nothing is begun whose outcome nobody could keep.
        #expect(count.value.withLock { $0 } == begun)
        try scene.world.store.limitPages(toPresent: false)
        scene.pass(.seconds(10 * 3600))
        #expect(try scene.micrographs().allSatisfy { $0.status == .processed })
        #expect(count.value.withLock { $0 } == 8)
    }

    @Test func `an outcome that the store will never take is its movie's failure, and holds up no other`() throws {
        let first = Flag(Mutex(true))
        let scene = try Scene(grids: 1) { parts in
            parts.jobs = StrangeJobs(jobs: parts.jobs) {
                first.value.withLock { isFirst in
                    defer { isFirst = false }
                    return isFirst
                }
            }
        }
        try scene.start()
        try scene.reachEnd()
        #expect(
            try scene.micrographs().map(\.status).sorted { $0.rawValue < $1.rawValue } == Array(repeating: .processed, count: 7)
                + [.unprocessable])
        #expect(
            try scene.lines(.processing).contains { $0.level == .error && $0.message.hasPrefix("Its result could not be kept.") })
    }
}

/// Jobs whose results hold what no JSON can, as long as somebody says so.
private struct StrangeJobs: JobRunner {
    let jobs: any JobRunner
    let isStrange: @Sendable () -> Bool
    var width: Int { jobs.width }
    init(jobs: any JobRunner, isStrange: @escaping @Sendable () -> Bool) {
        self.jobs = jobs
        self.isStrange = isStrange
    }
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        var measurement = try await jobs.process(job)
        if isStrange() { measurement.totalMotion = .nan }
        return measurement
    }
}

/// Jobs of which the first two end, once told to, only when the gate opens.
struct ClingingJobs: JobRunner {
    let width = 3
    let gate: Gate
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        if !gate.isOpen {
            await gate.wait()
            throw JobProblem(sentence: "The job was ended.", wasCancelled: true)
        }
        return Measurement(average: "a", picture: "p", spectrum: "s", shifts: [], totalMotion: 0, ctf: nil, reason: "No ice.")
    }
}

/// Tells of each job that is begun.
struct CountedJobs: JobRunner {
    let jobs: any JobRunner
    let begun: @Sendable () -> Void
    var width: Int { jobs.width }
    init(jobs: any JobRunner, begun: @escaping @Sendable () -> Void) {
        self.jobs = jobs
        self.begun = begun
    }
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        begun()
        return try await jobs.process(job)
    }
}

/// Holds those who come until it is opened, cancelled or not.
final class Gate: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

    var isOpen: Bool { waiting.withLock { $0 == nil } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting == nil
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let released = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for continuation in released { continuation.resume() }
    }
}
