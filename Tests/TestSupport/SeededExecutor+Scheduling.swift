@_spi(ExperimentalScheduling) import _Concurrency

// `Task.sleep` asks the executor it runs on for a wake-up, through a part of the runtime that is not public yet.
// Without this it would wait for the wall clock and come back whenever that pleases.
@_spi(ExperimentalScheduling) extension SeededExecutor: SchedulingExecutor {
    public func enqueue<C: Clock>(
        _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
        addStray(UnownedJob(job), after: delay as? Duration ?? .zero)
    }
}
