import Synchronization

/// A condition variable for tasks: wakes those who wait for something to have changed.
///
/// Read `generation`, look at what matters, then wait for a signal after that generation: one that comes in between is not missed.
final class Condition: Sendable {
    private struct State {
        var generation = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// How often it has been signalled.
    var generation: Int { state.withLock { $0.generation } }

    /// Something has changed: wakes every waiter, in the order in which they came.
    func signal() {
        let waiting = state.withLock { state in
            state.generation += 1
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Returns when there has been a signal after `generation`, or the task is cancelled.
    func wait(after generation: Int) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.generation != generation || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
