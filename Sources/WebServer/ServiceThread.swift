import CLibWebSockets
import Glibc
import Synchronization

/// The thread of libwebsockets as an executor: jobs of the actor and callbacks of the library share it.
///
/// While there is a context the thread sleeps in `lws_service`; before and after, in a semaphore. It ends when its actor does.
final class ServiceThread: SerialExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isRetired = false
        var thread: pthread_t?

        var isCurrent: Bool { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }

        mutating func takeJobs() -> [UnownedJob] {
            defer { jobs.removeAll(keepingCapacity: jobs.count < 256) }
            return jobs
        }
    }

    private let queue = Mutex(Queue())
    /// A lock of its own, held during a wake-up only: under the queue's lock a hop costs twenty times as much.
    private let context = Mutex<Context?>(nil)
    private let idle = Semaphore()

    private struct Context: @unchecked Sendable {
        // The pointer is used by the service thread, and by others only to wake it, under the lock that guards its end.
        let pointer: OpaquePointer
    }

    init() {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The argument is the retained thread object, handed over once by `init`.
                Unmanaged<ServiceThread>.fromOpaque(argument!).takeRetainedValue().work()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(started == 0, "The system gives no more threads.")
        pthread_detach(thread)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = queue.withLock { queue in
            queue.jobs.append(job)
            return queue.jobs.count == 1 && !queue.isCurrent
        }
        if mustWake { wake() }
    }

    func checkIsolated() {
        precondition(queue.withLock(\.isCurrent), "This must run on the network thread.")
    }

    func isIsolatingCurrentContext() -> Bool? {
        queue.withLock(\.isCurrent)
    }

    /// Sleep in this context from now on; only on the thread itself.
    func adopt(_ pointer: OpaquePointer) {
        context.withLock { $0 = Context(pointer: pointer) }
    }

    /// No wake-up touches the context once this has returned.
    func abandonContext() {
        context.withLock { $0 = nil }
    }

    /// Called by the actor's end: no job can come any more.
    func retire() {
        queue.withLock { $0.isRetired = true }
        idle.post()
    }

    private func wake() {
        let isServing = context.withLock { context in
            guard let context else { return false }
            lws_cancel_service(context.pointer)
            return true
        }
        if !isServing { idle.post() }
    }

    private func work() {
        queue.withLock { $0.thread = pthread_self() }
        while !queue.withLock(\.isRetired) {
            drain()
            if let context = context.withLock({ $0 }) {
                lws_service(context.pointer, 0)
            } else if !queue.withLock(\.isRetired) {
                idle.wait()
            }
        }
    }

    private func drain() {
        while case let jobs = queue.withLock({ $0.takeJobs() }), !jobs.isEmpty {
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}

/// A counting semaphore of the system.
private final class Semaphore: @unchecked Sendable {
    // The system's semaphore may be used by any thread; its memory lives as long as this object.
    private let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(pointer, 0, 0) }

    deinit {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    func post() { sem_post(pointer) }
    func wait() { while sem_wait(pointer) != 0 {} }
}
