import RunModel
import TestSupport
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(2))) struct WorkerProcessesTests {
    @Test func `a worker that crashes is tried once more, and not again`() async throws {
        let scene = try WorkerScene()
        let problem = await scene.problem("echo run >> runs; kill -9 $$")
        #expect(problem == JobProblem(sentence: "The worker was ended by signal 9, twice."))
        #expect(scene.text("runs") == "run\nrun\n")
    }

    @Test func `a worker that crashes once is no failure of its movie`() async throws {
        let scene = try WorkerScene()
        let measured = try await scene.workers("if [ -e once ]; then cat answer; else : > once; kill -SEGV $$; fi").process(
            scene.job)
        #expect(measured == WorkerScene.measurement)
    }

    @Test func `a worker that says no is believed at once, in its own words`() async throws {
        let scene = try WorkerScene()
        let problem = await scene.problem(
            "echo run >> runs; echo 'The movie is no movie.' >&2; echo 'Copy it again.' >&2; exit 1")
        #expect(problem == JobProblem(sentence: "The movie is no movie. Copy it again."))
        #expect(scene.text("runs") == "run\n")
    }

    @Test(arguments: [
        ("exit 3", "The worker ended with code 3 and said nothing."), ("echo '{}'", "The worker's answer cannot be read"),
        ("echo no JSON", "The worker's answer cannot be read"), (":", "The worker's answer cannot be read"),
    ])
    func `a worker without an answer is a failure in a sentence`(_ script: String, _ sentence: String) async throws {
        let scene = try WorkerScene()
        #expect(await scene.problem(script)?.sentence.hasPrefix(sentence) == true)
    }

    @Test(arguments: ["yes", "yes >&2", "yes & yes"])
    func `a worker that floods its output is ended`(_ flood: String) async throws {
        let scene = try WorkerScene()
        let problem = await scene.problem(flood)
        #expect(problem == JobProblem(sentence: "The worker said more than 1 MiB, and was ended."))
        #expect(await scene.life.isOver())
    }

    @Test func `a worker that hangs is ended with what it started when its time is over`() async throws {
        let scene = try WorkerScene()
        let clock = TestClock()
        let task = Task { await scene.problem("sleep 1000 & echo >&9; wait", clock: clock) }
        #expect(await scene.life.ready())
        let asked = try await clock.nextSleep()
        #expect(asked == .seconds(300))
        clock.advance(by: asked)
        #expect(await task.value == JobProblem(sentence: "The worker had not finished after 5 min, and was ended."))
        #expect(await scene.life.isOver())
    }

    @Test func `a cancelled job ends its worker and what that started, and is no failure`() async throws {
        let scene = try WorkerScene()
        let task = Task { await scene.problem("sleep 1000 & echo >&9; wait") }
        #expect(await scene.life.ready())
        task.cancel()
        #expect(await task.value?.wasCancelled == true)
        #expect(await scene.life.isOver())
    }

    // One that is left behind holds the worker's output, the other does not.
    @Test(arguments: ["cat answer", "kill -9 $$", "exit 1"])
    func `what a worker leaves behind ends with it`(_ end: String) async throws {
        let scene = try WorkerScene()
        _ = await scene.problem("{ sleep 1000 & sleep 1000 >/dev/null 2>&1 & \(end); }")
        #expect(await scene.life.isOver())
    }

    // `read` comes back at once from an input that has ended.
    @Test func `a worker's input stays open as long as it runs`() async throws {
        let scene = try WorkerScene()
        let clock = TestClock()
        let task = Task { await scene.problem("echo >&9; read line; echo ended > input; cat answer", clock: clock) }
        #expect(await scene.life.ready())
        clock.advance(by: try await clock.nextSleep())
        #expect(await task.value?.sentence.contains("had not finished") == true)
        #expect(scene.text("input") == "")
    }

    @Test(arguments: [(1, 64, 1), (2, 64, 1), (8, 64, 4), (8, 8, 2), (64, 2, 1), (64, 1024, 32)])
    func `workers are as many as cores and memory carry`(_ cores: Int, _ gigabytes: Int, _ workers: Int) {
        #expect(WorkerCount.fitting(cores: cores, memory: gigabytes << 30) == workers)
    }

    @Test func `a movie's time grows with its file, and a facility's word goes before`() {
        var settings = ProcessingSettings()
        #expect(settings.deadline(bytes: 0) == .seconds(300))
        #expect(settings.deadline(bytes: 2_000_000_000) == .seconds(800))
        #expect(settings.deadline(bytes: 1_000_000_000_000) == .seconds(3600))
        settings.deadline = 60
        #expect(settings.deadline(bytes: 2_000_000_000) == .seconds(60))
    }
}
