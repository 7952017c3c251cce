/// Where files are worked on that may lie on a disk which hangs: never on the threads that actors share, and never for ever.
public protocol FileWork: Sendable {
    /// Nil when the disk did not answer in time, or the caller's task was cancelled. The work itself may still be under way then.
    /// `path` says which disk.
    func run<Value: Sendable>(at path: String, _ size: FileWorkSize, _ work: @escaping @Sendable () -> Value) async -> Value?
}

/// How long work on a file may take on a healthy disk.
public enum FileWorkSize: Sendable {
    /// A look, or some bytes: seconds on a slow one.
    case small
    /// A whole image or movie: minutes for the longest.
    case large
}

/// Works where it is called: for tests and for programs with nothing else to do.
public struct InlineFileWork: FileWork {
    public init() {}
    public func run<Value: Sendable>(at path: String, _ size: FileWorkSize, _ work: @escaping @Sendable () -> Value) async
        -> Value?
    { work() }
}

extension SerialEMMicroscope {
    /// Work on a file here. `path` is named where its disk does not answer.
    func withFile<Value: Sendable>(
        _ path: String, size: FileWorkSize = .small, _ body: @escaping @Sendable () -> Value
    ) async throws(MicroscopeError) -> Value {
        let value = await files.run(at: path, size, body)
        if Task.isCancelled { throw cancelled() }
        guard let value else { throw .diskSilent(path: path) }
        return value
    }

    /// Work on pixels. A cancelled caller is let go between two pieces of it, and its link closes at once.
    func withPixels<Value: Sendable>(
        _ body: @escaping @Sendable (GivenUp) throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await work.outcome(of: body)
        } onCancel: {
            hangUp()
        }
        return try outcome.get()
    }

    /// The run is ending: its link closes with it.
    func cancelled() -> MicroscopeError {
        hangUp()
        return .cancelled
    }
}

extension Renderer {
    fileprivate func outcome<Value: Sendable>(
        of body: @escaping @Sendable (GivenUp) throws(MicroscopeError) -> Value
    ) async -> Result<Value, MicroscopeError> {
        do throws(MicroscopeError) { return .success(try await run(hearing: body)) } catch { return .failure(error) }
    }
}
