import Glibc

/// Catches jobs that would leave a `SeededExecutor` for the global pool, and hands them back to it.
///
/// `Task { … }` does not inherit a task's preferred executor, so one plain task in the engine would make a run
/// unrepeatable. The runtime offers this hook to whoever wants the global pool's jobs; only a thread inside a
/// seeded job makes use of it, so tests beside it notice nothing. Not caught: what another thread resumes,
/// and `Task.immediate` after its first suspension.
enum StrayJobs {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Whether the runtime has the hook; the first to ask sets it.
    static let areCaught: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else { return false }
        let hook: Hook = { job, original in
            if let executor = SeededExecutor.current { executor.addStray(job) } else { original(job) }
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = hook
        return true
    }()
}

/// The seeded executor whose job runs on the calling thread.
enum RunningHere {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "The process has no thread-local storage left.")
        return key
    }()

    static var executor: SeededExecutor? {
        pthread_getspecific(key).map { Unmanaged<SeededExecutor>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Runs the body with `executor` as the current one, which the caller keeps alive meanwhile.
    static func with(_ executor: SeededExecutor, _ body: () -> Void) {
        let before = pthread_getspecific(key)
        pthread_setspecific(key, Unmanaged.passUnretained(executor).toOpaque())
        body()
        pthread_setspecific(key, before)
    }
}
