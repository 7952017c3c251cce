import Glibc
import JSONText
import RunModel

/// Works on each movie in a child process: a movie that crashes the code crashes nothing else.
///
/// A worker that hangs, or prints more than a measurement could need, is ended with everything it started; one that crashed is tried once
/// more. Its standard input stays open, and it ends itself when that closes, so no worker outlives a server that was killed.
public struct WorkerProcesses: JobRunner {
    public let width: Int
    private let program: String
    private let settings: ProcessingSettings
    private let clock: any Clock<Duration>
    private let arguments: @Sendable (_ movie: String, _ order: String) -> [String]

    /// `program`: this program's file, absolute. `width`: workers at once.
    public init(
        program: String, width: Int = WorkerCount.here, settings: ProcessingSettings = ProcessingSettings(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(program: program, width: width, settings: settings, clock: clock) { movie, order in
            ["process", movie, "--worker-json", order]
        }
    }

    init(
        program: String, width: Int, settings: ProcessingSettings = ProcessingSettings(), clock: any Clock<Duration>,
        arguments: @escaping @Sendable (_ movie: String, _ order: String) -> [String]
    ) {
        self.program = program
        self.width = width
        self.settings = settings
        self.clock = clock
        self.arguments = arguments
    }

    public func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        var ended = try await run(job)
        // A signal is a crash, or the kernel short of memory: both may pass. A worker that says no would say it again.
        if case .signalled = ended.status { ended = try await run(job) }
        switch ended.status {
        case .signalled(let signal): throw JobProblem(sentence: "The worker was ended by signal \(signal), twice.")
        case .exited(0): return try WorkerAnswer.measurement(ended.output)
        case .exited(let code):
            let words = ended.complaint.split(separator: "\n").joined(separator: " ")
            throw JobProblem(
                sentence: words.isEmpty ? "The worker ended with code \(code) and said nothing." : String(words.prefix(1000)))
        }
    }

    private func run(_ job: MovieJob) async throws(JobProblem) -> ChildEnding {
        let deadline = settings.deadline(bytes: job.bytes)
        var child = ChildProcess(
            program, arguments(job.movie, try WorkerOrder(job, settings).argument()), deadline: deadline, clock: clock)
        child.keepsInputOpen = true
        do throws(ChildProblem) { return try await child.run() } catch { throw JobProblem(error) }
    }
}

extension JobProblem {
    static let ended = JobProblem(sentence: "The work was ended.", wasCancelled: true)

    init(_ problem: ChildProblem) {
        switch problem {
        case .cancelled: self = .ended
        case .cannotStart(_, let reason): self.init(sentence: "The worker could not be run: \(reason).")
        case .late(let deadline): self.init(sentence: "The worker had not finished after \(deadline.words), and was ended.")
        case .flooded(let bytes): self.init(sentence: "The worker said more than \(bytes >> 20) MiB, and was ended.")
        }
    }
}

/// What a worker prints.
enum WorkerAnswer {
    static func measurement(_ text: String) throws(JobProblem) -> Measurement {
        do { return try JSONText.decode(Measurement.self, from: text) } catch {
            throw JobProblem(sentence: "The worker's answer cannot be read: \(error)")
        }
    }
}
