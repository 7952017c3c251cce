import Blocking
import CLibWebSockets
import Glibc
import Synchronization

/// What the thread of a server sleeps in while the server listens. A protocol, so that waking the thread can be tested
/// without sockets: a fault in it shows only as pages that now and then hear nothing for some seconds.
protocol ServiceLoop: Sendable {
    /// Sleeps until there is something to do, does it, and returns; only on the service thread. It may call back before it sleeps.
    func service()
    /// Makes `service()` return soon, also when it has not begun yet; on any thread.
    func interrupt()
}

/// The thread of libwebsockets as an executor: jobs of the actor and callbacks of the library share it.
///
/// libwebsockets may be called from one thread only, but for `lws_cancel_service`. With this thread as the actor's
/// executor the compiler keeps everybody else away from it: whatever is isolated to the actor runs here, and a
/// callback, which is here already, may enter the actor without waiting (`assumeIsolated`). No lock guards the links,
/// since nobody else can reach them.
///
/// The promise is that a job never waits for a packet or a timer. While there is a loop the thread sleeps in it; before
/// and after, in a semaphore. It ends when its actor does. Nothing that may block belongs here: it would silence every
/// page at once.
final class ServiceThread: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }
    private struct Queue {
        var jobs: [Work] = []
        /// A job that comes now is taken without a wake-up. False while the library calls back: it runs what is due *before* it sleeps,
        /// so a job that a callback leaves behind would wait for the next packet, and every later job behind it.
        var isDraining = false
        var isRetired = false
        var thread: pthread_t?

        var isCurrent: Bool { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }

        mutating func takeJobs() -> [Work] {
            isDraining = !jobs.isEmpty
            defer { jobs.removeAll(keepingCapacity: jobs.count < 256) }
            return jobs
        }
    }

    private let queue = Mutex(Queue())
    /// A lock of its own, held during a wake-up only: under the queue's lock a hop costs twenty times as much.
    private let loop = Mutex<(any ServiceLoop)?>(nil)
    private let idle = Semaphore()
    /// What it is at.
    let activity = ThreadActivity()

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

    func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

    /// Carries out a call on the thread without a detour over the threads that Swift's tasks share: what pages are told waits for nobody there.
    func perform(_ call: @escaping @Sendable () -> Void) { add(.call(call)) }

    private func add(_ work: Work) {
        let mustWake = queue.withLock { queue in
            queue.jobs.append(work)
            return queue.jobs.count == 1 && !queue.isDraining
        }
        if mustWake { wake() }
    }

    /// Lets `assumeIsolated` hold in callbacks, and stops the program when C calls from a thread that nobody expected.
    func checkIsolated() {
        precondition(queue.withLock(\.isCurrent), "This must run on the network thread.")
    }

    /// The same question without the stop, for the runtime.
    func isIsolatingCurrentContext() -> Bool? {
        queue.withLock(\.isCurrent)
    }

    /// Sleeps in this loop from now on; only on the thread itself.
    func adopt(_ loop: any ServiceLoop) {
        self.loop.withLock { $0 = loop }
    }

    /// No wake-up touches the loop once this has returned; only on the thread itself. Afterwards, and not before, its
    /// memory may be freed.
    func abandonLoop() {
        loop.withLock { $0 = nil }
    }

    /// Called by the actor's end: no job can come any more.
    func retire() {
        queue.withLock { $0.isRetired = true }
        idle.post()
    }

    /// Interrupts the loop under the lock, so that it cannot end meanwhile. A thread between two rounds is woken, too:
    /// the library notes the interruption and returns at once from the next `service()`.
    private func wake() {
        let isServing = loop.withLock { loop in
            loop?.interrupt()
            return loop != nil
        }
        if !isServing { idle.post() }
    }

    private func work() {
        queue.withLock { $0.thread = pthread_self() }
        activity.enter()
        defer { activity.leave() }
        while !queue.withLock(\.isRetired) {
            drain()
            if let loop = loop.withLock({ $0 }) {
                loop.service()
            } else if !queue.withLock(\.isRetired) {
                idle.wait()
            }
        }
    }

    /// Jobs may leave further jobs behind; all are done before the thread sleeps. Each batch is taken whole, under one
    /// lock.
    private func drain() {
        while case let jobs = queue.withLock({ $0.takeJobs() }), !jobs.isEmpty {
            activity.begin("work for the pages")
            for work in jobs {
                switch work {
                case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                case .call(let call): call()
                }
            }
        }
    }
}

/// The context of libwebsockets as the loop of its thread.
struct LibraryLoop: ServiceLoop, @unchecked Sendable {
    // Others than the service thread use the pointer only to interrupt, under the lock that guards its end.
    let context: OpaquePointer

    func service() { lws_service(context, 0) }
    func interrupt() { lws_cancel_service(context) }
}

/// A counting semaphore of the system. It counts, so a wake-up that comes before the sleep is not lost.
final class Semaphore: @unchecked Sendable {
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
