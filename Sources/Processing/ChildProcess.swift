import Glibc
import Subprocess

/// One run of another program, bounded in time and in how much it may print.
///
/// It may have a process group of its own: whatever it started in that group then ends with it, however it ends. Cancelling the task that
/// runs it ends it too.
public struct ChildProcess: Sendable {
    /// A file, or a name that is looked for on the PATH.
    public var program: String
    public var arguments: [String]
    /// What it reads on standard input.
    public var input = ""
    /// Standard input stays open while it runs: it reads an end only when this process is gone.
    public var keepsInputOpen = false
    /// Where it runs; nil for this process's own directory.
    public var directory: String?
    public var deadline: Duration
    /// Bytes that it may print on standard output, and as many on standard error; a program that prints more is ended.
    public var outputLimit = 1 << 20
    /// False for a program that must end together with the process that started it.
    public var hasOwnGroup = true
    public var clock: any Clock<Duration>
    /// How long it may take to end once it has been killed.
    public var grace: Duration = .seconds(5)

    public init(_ program: String, _ arguments: [String], deadline: Duration, clock: any Clock<Duration>) {
        self.program = program
        self.arguments = arguments
        self.deadline = deadline
        self.clock = clock
    }

    /// Returns when the program has ended and closed its output.
    ///
    /// A program that had to be ended and is not gone after `grace` is left to its end, which may never come: one that reads a dead disk
    /// hears no signal, and what it started in another group may hold its output for ever.
    public func run() async throws(ChildProblem) -> ChildEnding {
        let (endings, ended) = AsyncStream.makeStream(of: Outcome.self)
        let (kills, killed) = AsyncStream.makeStream(of: ChildProblem.self)
        let program = Task(executorPreference: globalConcurrentExecutor) { ended.yield(await runToItsEnd { killed.yield($0) }) }
        // In a task of its own, which is not cancelled with the caller: the grace counts then, too.
        let first = Task(executorPreference: globalConcurrentExecutor) {
            await withTaskGroup(of: Outcome?.self) { group in
                group.addTask { await endings.first { _ in true } }
                group.addTask {
                    guard let problem = await kills.first(where: { _ in true }) else { return nil }
                    // Cancelled: the program has ended.
                    do { try await clock.sleep(for: grace) } catch { return nil }
                    return .failure(problem)
                }
                let outcome = await group.first { $0 != nil } ?? nil
                group.cancelAll()
                return outcome ?? .failure(.cancelled)
            }
        }
        let outcome = await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            program.cancel()
            killed.yield(.cancelled)
        }
        return try outcome.get()
    }

    private typealias Outcome = Result<ChildEnding, ChildProblem>

    private func runToItsEnd(_ killed: @escaping @Sendable (ChildProblem) -> Void) async -> Outcome {
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(.init(program)) : .name(program), arguments: Arguments(arguments),
                workingDirectory: directory.map { .init($0) }, platformOptions: options, input: .inputWriter, output: .sequence,
                error: .sequence
            ) { execution in await watch(execution, killed) }
            if Task.isCancelled { return .failure(.cancelled) }
            let heard = result.closureResult
            if let problem = heard.problem { return .failure(problem) }
            return .success(ChildEnding(result.terminationStatus, output: heard.output, complaint: heard.complaint))
        } catch {
            if Task.isCancelled || error is CancellationError { return .failure(.cancelled) }
            return .failure(.cannotStart(program: program, reason: Self.reason(error)))
        }
    }

    private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    private struct Words: Sendable {
        var output = ""
        var complaint = ""
        var problem: ChildProblem?
    }

    private enum Part: Sendable {
        case said(String?)
        case complained(String?)
        case late, nothing
    }

    private func watch(_ execution: Running, _ killed: @escaping @Sendable (ChildProblem) -> Void) async -> Words {
        let words = await withTaskGroup(of: Part.self) { group in
            group.addTask { .said(await collect(execution.standardOutput)) }
            group.addTask { .complained(await collect(execution.standardError)) }
            group.addTask {
                // Cancelled: the program ended first.
                do { try await clock.sleep(for: deadline) } catch { return .nothing }
                return .late
            }
            group.addTask {
                await write(to: execution)
                return .nothing
            }
            var words = Words()
            var open = 2
            while open > 0, let part = await group.next() {
                switch part {
                case .said(let text):
                    open -= 1
                    if let text { words.output = text } else { words.problem = words.problem ?? .flooded(bytes: outputLimit) }
                case .complained(let text):
                    open -= 1
                    if let text { words.complaint = text } else { words.problem = words.problem ?? .flooded(bytes: outputLimit) }
                case .late: words.problem = words.problem ?? .late(after: deadline)
                case .nothing: break
                }
                if let problem = words.problem {
                    end(execution)
                    killed(problem)
                }
            }
            group.cancelAll()
            return words
        }
        // Its output has ended, so its exit code is fixed and the signal reaches only what it left behind. It has not been reaped, so the
        // group is still its own.
        if hasOwnGroup { end(execution) }
        return words
    }

    /// A program that has ended already needs no signal.
    private func end(_ execution: Running) { try? execution.send(signal: .kill, toProcessGroup: hasOwnGroup) }

    private func write(to execution: Running) async {
        // A program that ended without reading has its own reasons, and says them.
        if !input.isEmpty { _ = try? await execution.standardInputWriter.write(input) }
        if !keepsInputOpen { try? await execution.standardInputWriter.finish() }
    }

    /// Nil when it is more than the limit. A pipe that cannot be read any more has ended.
    private func collect(_ stream: SubprocessOutputSequence) async -> String? {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > outputLimit { return nil }
            }
        } catch {}
        return String(decoding: bytes, as: UTF8.self)
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        if hasOwnGroup { options.processGroupID = 0 }
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: hasOwnGroup, allowedDurationToNextStep: .milliseconds(200))
        ]
        return options
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? SubprocessError else { return "\(error)" }
        switch error.code {
        case .executableNotFound: return "there is no such program"
        case .failedToChangeWorkingDirectory: return "its folder is not there"
        default: return "\(error)"
        }
    }
}

/// How a program ended by itself, and what it printed.
public struct ChildEnding: Sendable, Equatable {
    public enum Status: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }
    public var status: Status
    /// What it printed on standard output.
    public var output: String
    /// What it printed on standard error.
    public var complaint: String

    public init(status: Status, output: String, complaint: String) {
        self.status = status
        self.output = output
        self.complaint = complaint
    }

    fileprivate init(_ status: TerminationStatus, output: String, complaint: String) {
        switch status {
        case .exited(let code): self.init(status: .exited(code), output: output, complaint: complaint)
        case .signaled(let signal): self.init(status: .signalled(signal), output: output, complaint: complaint)
        }
    }

    /// The end of what it said, on one line: people read it after a sentence of ours.
    public var lastWords: String { Self.lastWords(of: complaint.contains { !$0.isWhitespace } ? complaint : output) }

    static func lastWords(of text: String, limit: Int = 300) -> String {
        // Only the tail is looked at: a program may have said megabytes.
        let lines = text.utf8.suffix(8 * limit)
        let line = String(decoding: lines, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.filter { !$0.isControl } }.filter { $0.contains { !$0.isWhitespace } }.joined(separator: " ")
        return line.count > limit ? "…" + line.suffix(limit) : line
    }
}

extension Character {
    fileprivate var isControl: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
}

/// Why a program did not end by itself: it never began, or was ended from here.
public enum ChildProblem: Error, Equatable, Sendable {
    case cannotStart(program: String, reason: String)
    case late(after: Duration)
    /// It printed more than this.
    case flooded(bytes: Int)
    case cancelled
}

extension Duration {
    /// As people write it: seconds below two minutes, then minutes.
    var words: String {
        let seconds = components.seconds
        return seconds < 120 ? "\(max(1, seconds)) s" : "\(seconds / 60) min"
    }
}
