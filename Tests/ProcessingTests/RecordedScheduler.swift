import Foundation
import Synchronization

@testable import Processing

/// Answers as SLURM 22.05 gave them, in the order that a test says; the last one goes on.
final class RecordedScheduler: SchedulerCommands {
    private struct State {
        var states: [String]
        var found = ""
        var calls: [[String]] = []
        var submissions = ["submit"]
        var submitted = 0
    }
    private let state: Mutex<State>
    /// Called when a state was asked for, with how many times before.
    private let whenAsked: @Sendable (Int) -> Void

    /// `states`: recordings of `squeue` under `Resources/slurm`. `found`: what `squeue --name` says.
    init(
        _ states: [String], found: String = "", submissions: [String] = ["submit"],
        whenAsked: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        state = Mutex(State(states: states, found: found, submissions: submissions))
        self.whenAsked = whenAsked
    }

    var calls: [[String]] { state.withLock(\.calls) }
    func calls(of program: String) -> [[String]] { calls.filter { $0.first == program } }

    func run(_ program: String, _ arguments: [String]) async throws(ChildProblem) -> ChildEnding {
        let (answer, asked) = state.withLock { state -> (ChildEnding, Int?) in
            state.calls.append([program] + arguments)
            switch program {
            case "sbatch":
                defer { state.submitted += 1 }
                return (Self.recorded(state.submissions[min(state.submitted, state.submissions.count - 1)]), nil)
            case "squeue" where arguments.contains { $0.hasPrefix("--name=") }:
                return (ChildEnding(status: .exited(0), output: state.found, complaint: ""), nil)
            case "squeue":
                let asked = state.calls.count { $0[0] == "squeue" && !$0.contains { $0.hasPrefix("--name=") } } - 1
                return (Self.recorded(state.states[min(asked, state.states.count - 1)]), asked)
            case "sacct": return (Self.recorded("sacct"), nil)
            default: return (ChildEnding(status: .exited(0), output: "", complaint: ""), nil)
            }
        }
        if let asked { whenAsked(asked) }
        return answer
    }

    /// A file with nothing in it was not kept. What complained ended with 1.
    static func recorded(_ name: String) -> ChildEnding {
        let complaint = text("slurm/\(name).err")
        // Each recording is of a job of its own; here they are all of the first.
        let output = text("slurm/\(name).out").split(separator: "|", maxSplits: 1).last.map { "1|\($0)" }
        let isState = text("slurm/\(name).out").contains("|")
        return ChildEnding(
            status: .exited(complaint.isEmpty ? 0 : 1), output: isState ? output ?? "" : text("slurm/\(name).out"),
            complaint: complaint)
    }

    static func text(_ name: String) -> String {
        (try? String(contentsOfFile: Bundle.module.bundlePath + "/Resources/\(name)", encoding: .utf8)) ?? ""
    }
}
