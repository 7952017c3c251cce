import RunModel

// Every wait of a run: each hears a stop and the end of its task at once.
extension RunContext {
    /// Rests for a duration of a real microscope; shorter, where a question is open, if it is answered.
    func rest(_ duration: Duration, unlessAnswered question: Question? = nil) async throws(RunEnd) {
        try checkpoint()
        let timer = timer(of: duration)
        while true {
            // Before the looks: whoever asks for a stop between them and the wait is heard.
            let seen = changes.generation
            if isStopAsked || isAbortAsked || isAnswered(question) || timer.isOver || Task.isCancelled { break }
            await timer.wait(orUntil: changes, after: seen)
        }
        try checkpoint()
    }

    /// Waits until a condition holds, looked at again after every change.
    func wait(until condition: () -> Bool) async throws(RunEnd) {
        while true {
            let seen = changes.generation
            try checkpoint()
            if condition() { return }
            await changes.wait(after: seen)
        }
    }

    /// Work that may hang on a disk, and is cancelled when somebody asks for a stop. What it says then is what it was cut short with.
    nonisolated func untilStopAsked<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        await bell.untilRung(clock, work)
    }

    /// Over when as much time of a real microscope has passed.
    func timer(of duration: Duration) -> Timer { Timer(duration: settings.scaled(duration), clock: parts.clock) }
}
