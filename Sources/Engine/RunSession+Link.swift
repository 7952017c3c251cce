import Microscope
import RunModel

// Connecting, losing the link, and coming back.
extension RunSession {
    func connect(_ scope: Scope) async throws(RunEnd) {
        while true {
            try checkpoint()
            do throws(RunEnd) {
                try await open(scope)
                // A stop that came meanwhile has moved the status already.
                try checkpoint()
                try clear(NoticeID.microscopeBusy)
                try record(
                    [.runMoved(RunMoved(status: .running))],
                    [LogLine(.info, "microscope", "Connected to \(try known().microscope.name)")])
                return
            } catch {
                guard case .microscope(.busy) = error else { throw error }
                try await waitWhileBusy()
            }
        }
    }

    /// What is asked of the microscope next says whether it still is: the notice stays until then.
    func waitWhileBusy() async throws(RunEnd) {
        try raise(
            NoticeID.microscopeBusy, .warn, "The microscope program is busy with another command.",
            "The run goes on when it has finished.")
        try await rest(parts.settings.reconnectInterval)
    }

    private func open(_ scope: Scope) async throws(RunEnd) {
        let state = try known()
        let greeting = "GridPilot: session \(state.session.name), started by \(run?.startedBy ?? state.session.createdBy)"
        try await scope.command { microscope throws(MicroscopeError) in try await microscope.connect(greeting: greeting) }
        run?.isConnected = true
    }

    /// Tries again until the microscope is back, a stop is heard, or the lock has gone. The lock is taken anew before each try.
    func reconnect(_ scope: Scope, after cause: MicroscopeError) async throws(RunEnd) {
        run?.isConnected = false
        var cause = cause
        run?.tilt = nil
        run?.focus = nil
        run?.centred = nil
        try record([], [LogLine(.error, "microscope", cause.explanation)])
        var attempt = 0
        while true {
            attempt += 1
            try raise(
                NoticeID.microscopeLost, .err, "Connection to the microscope lost.",
                "Trying again every \(parts.settings.reconnectInterval.components.seconds) s, attempt \(attempt). Nothing is being imaged. "
                    + (cause.remedy ?? "Check that the microscope control program is running."))
            try await rest(parts.settings.reconnectInterval)
            await scope.microscope.disconnect()
            do throws(RunEnd) {
                try await lock.retake(scope.number, session: try known().session)
                try await open(scope)
                try record(
                    [.noticeCleared(NoticeCleared(id: NoticeID.microscopeLost))],
                    [LogLine(.info, "microscope", "Microscope is back after \(attempt) \(attempt == 1 ? "try" : "tries")")])
                return
            } catch {
                switch error {
                case .link(.operatorStopped): throw error
                case .link(let now), .microscope(let now): cause = now
                default: throw error
                }
            }
        }
    }

    func raise(_ id: String, _ kind: Notice.Kind, _ sentence: String, _ detail: String?) throws(RunEnd) {
        let standing = try known().notices.first { $0.id == id }
        let notice = Notice(id: id, kind: kind, sentence: sentence, detail: detail, raisedAt: standing?.raisedAt ?? parts.now())
        guard notice != standing else { return }
        try record([.noticeRaised(notice)])
    }

    func clear(_ id: String) throws(RunEnd) {
        guard try known().notices.contains(where: { $0.id == id }) else { return }
        try record([.noticeCleared(NoticeCleared(id: id))])
    }
}
