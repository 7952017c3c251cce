import Synchronization

/// Where pixels are worked out: never on the threads that actors share.
public protocol Renderer: Sendable {
    /// Carries out `work`, which may take a second of one core, and returns its result.
    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value
}

/// Renders where it is called: for tests and for programs with nothing else to do.
public struct InlineRenderer: Renderer {
    public init() {}
    public func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value { work() }
}

/// Tells work on another thread that nobody waits for it any more.
package final class GivenUp: Sendable {
    private let flag = Atomic(false)
    package var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

extension Renderer {
    /// Hears a cancellation between two pieces of work, each of some 50 ms, which ask `GivenUp`.
    package func run<Value: Sendable>(
        hearing work: @escaping @Sendable (GivenUp) throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        let givenUp = GivenUp()
        let outcome = await withTaskCancellationHandler {
            await run { () -> Result<Value, MicroscopeError> in
                do throws(MicroscopeError) { return .success(try work(givenUp)) } catch { return .failure(error) }
            }
        } onCancel: {
            givenUp.set()
        }
        return try outcome.get()
    }
}
