import Engine
import RunModel
import Store
import Synchronization

extension Services {
    /// Asks the engine for something that a living run hears at once, before the engine has come to it. The answer waits for the engine no longer
    /// than a healthy one needs: one that waits for a disk writes the command down later.
    func askingAtOnce(
        _ act: String, _ call: Call, _ body: @escaping @Sendable () async throws(EngineError) -> Void
    ) async throws(Problem) {
        guard engine.group(ofLiving: call.session) != nil else { return try await asking(body) }
        let patience = configuration.urgentPatience
        let refusal = await withCheckedContinuation { (continuation: CheckedContinuation<EngineError?, Never>) in
            let answer = FirstAnswer(continuation)
            Task {
                var refusal: EngineError?
                do throws(EngineError) { try await body() } catch { refusal = error }
                if !answer.give(refusal), let refusal { await cameToNothing(act, call, refusal) }
            }
            Task {
                try? await Task.sleep(for: patience)  // not cancelled by anybody
                _ = answer.give(nil)
            }
        }
        if let refusal { throw Problem(refusal) }
    }

    /// It was called accepted, in the audit log too, so both hear what became of it.
    private func cameToNothing(_ act: String, _ call: Call, _ refusal: EngineError) async {
        configuration.log("A command that was accepted came to nothing. \(refusal.sentence)")
        audit.add(
            AuditEntry(
                at: now, by: call.author, act, on: "session/\(call.session)", detail: ["command": .string(call.command.rawValue)],
                outcome: .refused(code: refusal.code)))
        await audit.write()
    }
}

/// Whoever is first gives it.
private final class FirstAnswer: Sendable {
    private let waiting: Mutex<CheckedContinuation<EngineError?, Never>?>

    init(_ continuation: CheckedContinuation<EngineError?, Never>) { waiting = Mutex(continuation) }

    /// False where it was given before.
    func give(_ refusal: EngineError?) -> Bool {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: refusal)
        return continuation != nil
    }
}
