import Glibc
import Synchronization

/// Lets calls through to the database until it is closed, and lets it be closed only when none is under way: SQLite's library does not
/// survive a call on a connection that has gone.
final class OpenGate: @unchecked Sendable {
    // The lock is used by the system's calls only; its memory lives as long as this object, and whoever holds it holds this object as well.
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    /// Set before the closing waits: calls that keep coming would else never let it in.
    private let isClosing = Atomic(false)

    init() { pthread_rwlock_init(lock, nil) }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Nil when the gate is closed. Many may be inside at once.
    func pass<Value>(_ body: () throws -> Value) throws -> Value? {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return isClosing.load(ordering: .acquiring) ? nil : try body()
    }

    /// Waits for whoever is inside; `body` is called once.
    func close(_ body: () throws -> Void) rethrows {
        guard !isClosing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        try body()
    }
}
