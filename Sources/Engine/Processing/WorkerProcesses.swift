import Glibc
import JSONText
import RunModel
import Subprocess

/// Works on each movie in a child process: a movie that crashes the code crashes nothing else.
public struct WorkerProcesses: JobRunner {
    public let width: Int
    private let program: String
    private let arguments: @Sendable (_ movie: String, _ order: String) -> [String]
    /// Far more than a measurement's text.
    private static let outputLimit = 1 << 20

    /// `program`: this program's file, absolute. One core is left to the run where there are few.
    public init(program: String, cores: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
        self.init(program: program, width: cores > 2 ? 2 : 1) { movie, order in ["process", movie, "--worker-json", order] }
    }

    init(program: String, width: Int, arguments: @escaping @Sendable (_ movie: String, _ order: String) -> [String]) {
        self.program = program
        self.width = width
        self.arguments = arguments
    }

    public func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        var ended = try await run(job)
        // A signal is a crash, or the kernel short of memory: both may pass. A worker that says no would say it again.
        if case .crashed = ended, !Task.isCancelled { ended = try await run(job) }
        switch ended {
        case .measured(let measurement): return measurement
        case .refused(let sentence): throw JobProblem(sentence: sentence)
        case .crashed(let signal):
            if Task.isCancelled { throw .ended }
            throw JobProblem(sentence: "The worker was ended by signal \(signal), twice.")
        }
    }

    private enum Ending {
        case measured(Measurement)
        case refused(String)
        case crashed(signal: Int32)
    }

    private func run(_ job: MovieJob) async throws(JobProblem) -> Ending {
        do {
            let order = try WorkerOrder(job).text()
            let result = try await Subprocess.run(
                .path(.init(program)), arguments: Arguments(arguments(job.movie, order)), platformOptions: Self.options,
                output: .string(limit: Self.outputLimit), error: .string(limit: Self.outputLimit))
            if Task.isCancelled { throw JobProblem.ended }
            return Self.read(result.terminationStatus, output: result.standardOutput, complaint: result.standardError)
        } catch let problem as JobProblem {
            throw problem
        } catch {
            if Task.isCancelled || error is CancellationError { throw .ended }
            throw JobProblem(sentence: "The worker could not be run: \(error).")
        }
    }

    /// A group of its own, so that its children end with it.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))]
        return options
    }

    private static func read(_ status: TerminationStatus, output: String, complaint: String) -> Ending {
        switch status {
        case .signaled(let signal): return .crashed(signal: signal)
        case .exited(0):
            do { return .measured(try JSONText.decode(Measurement.self, from: output)) } catch {
                return .refused("The worker's answer cannot be read: \(error)")
            }
        case .exited(let code):
            let sentence = complaint.split(separator: "\n").joined(separator: " ")
            return .refused(sentence.isEmpty ? "The worker ended with code \(code) and said nothing." : sentence)
        }
    }
}

extension JobProblem {
    fileprivate static let ended = JobProblem(sentence: "The work was ended.", wasCancelled: true)
}
