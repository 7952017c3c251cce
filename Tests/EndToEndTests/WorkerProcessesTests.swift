import Processing
import RunModel
import Testing

@Suite struct WorkerProcessesTests {
    private static let job = MovieJob(
        micrograph: "s.g1.s1.h1.m1", movie: "/nowhere/movie.mrc", sessionDirectory: "/nowhere", gridDirectory: "g", pixelSize: 1,
        voltage: 300,
        cs: 2.7, dosePerFrame: 4)

    @Test func `a movie that cannot be read is that movie's failure, in the worker's sentence`() async throws {
        let workers = WorkerProcesses(program: try Program.file().path)
        let problem = await #expect(throws: JobProblem.self) { try await workers.process(Self.job) }
        #expect(problem?.sentence.hasPrefix("/nowhere/movie.mrc cannot be read") == true)
        #expect(problem?.wasCancelled == false)
    }

    @Test func `a worker that cannot be started is a failure too`() async {
        let problem = await #expect(throws: JobProblem.self) {
            try await WorkerProcesses(program: "/nowhere/program").process(Self.job)
        }
        #expect(problem?.sentence.hasPrefix("The worker could not be run") == true)
    }

    @Test func `a cancelled job is no failure of its movie`() async throws {
        let program = try Program.file().path
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            do throws(JobProblem) {
                _ = try await WorkerProcesses(program: program).process(Self.job)
                return false
            } catch {
                return error.wasCancelled
            }
        }
        #expect(await task.value)
    }
}
