/// The scheduler's commands as questions and answers.
struct SlurmScheduler: Sendable {
    let commands: any SchedulerCommands
    private static let format = "--format=%i|%T|%r"

    /// `command`: the program on the node and its arguments, which no shell looks at. Returns the job's number.
    func submit(_ options: [String], script: String, command: [String]) async throws(JobProblem) -> SlurmID {
        let ending = try await run("sbatch", ["--parsable"] + options + [script] + command)
        guard case .exited(0) = ending.status else {
            throw JobProblem(sentence: "The cluster did not accept the job. Its words: \(ending.lastWords)")
        }
        guard let id = SlurmID(ending.output) else {
            throw JobProblem(
                sentence: "The cluster accepted the job, but gave no job number that can be read: \(ending.lastWords)")
        }
        return id
    }

    /// A job that was submitted under this name by a server that ended before it knew the number.
    func find(name: String) async throws(JobProblem) -> SlurmID? {
        let ending = try await run("squeue", ["--noheader", "--states=all", Self.format, "--name=\(name)"])
        guard case .exited(0) = ending.status else {
            throw JobProblem(sentence: "The cluster cannot be asked about earlier jobs. Its words: \(ending.lastWords)")
        }
        return SlurmLine.list(ending.output).last.map { SlurmID(number: $0.id) }
    }

    func state(of id: SlurmID) async throws(JobProblem) -> SlurmState {
        let ending: ChildEnding
        do throws(ChildProblem) {
            ending = try await commands.run(
                "squeue", ["--noheader", "--states=all", Self.format, "--jobs=\(id.number)"] + id.options)
        } catch {
            if error == .cancelled { throw .ended }
            return .noAnswer(Self.words(error))
        }
        if let line = SlurmLine.list(ending.output).first(where: { $0.id == id.number }) { return line.state }
        // A job that ended some minutes ago is forgotten by the controller; SLURM's accounting remembers it, where it is switched on.
        if ending.status == .exited(0) || ending.complaint.contains("Invalid job id") { return try await account(of: id) }
        return .noAnswer(ending.lastWords)
    }

    private func account(of id: SlurmID) async throws(JobProblem) -> SlurmState {
        let options = ["--noheader", "--parsable2", "--allocations", "--format=JobID,State", "--jobs=\(id.number)"]
        let ending: ChildEnding
        do throws(ChildProblem) { ending = try await commands.run("sacct", options + id.options) } catch {
            if error == .cancelled { throw .ended }
            return .unknown
        }
        return SlurmLine.list(ending.output).first { $0.id == id.number }?.state ?? .unknown
    }

    /// A job that has ended already needs no cancelling.
    func cancel(_ id: SlurmID) async { _ = try? await commands.run("scancel", [id.number] + id.options) }

    private func run(_ program: String, _ arguments: [String]) async throws(JobProblem) -> ChildEnding {
        do throws(ChildProblem) { return try await commands.run(program, arguments) } catch {
            if error == .cancelled { throw .ended }
            throw JobProblem(sentence: "\(program) gave no answer: \(Self.words(error)).")
        }
    }

    private static func words(_ problem: ChildProblem) -> String {
        switch problem {
        case .cannotStart(_, let reason): reason
        case .late(let deadline): "it had not finished after \(deadline.words)"
        case .flooded: "it printed far too much"
        case .cancelled: "it was ended"
        }
    }
}
