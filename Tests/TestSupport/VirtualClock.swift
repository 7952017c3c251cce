/// A moment on a clock that only a test moves: the time since that clock was made.
public struct VirtualInstant: InstantProtocol, CustomStringConvertible {
    public static let start = VirtualInstant(sinceStart: .zero)

    public let sinceStart: Duration

    public init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    public func advanced(by duration: Duration) -> VirtualInstant {
        VirtualInstant(sinceStart: sinceStart + duration)
    }

    public func duration(to other: VirtualInstant) -> Duration {
        other.sinceStart - sinceStart
    }

    public static func < (left: VirtualInstant, right: VirtualInstant) -> Bool {
        left.sinceStart < right.sinceStart
    }

    public var description: String { "\(sinceStart) after the start" }
}

/// The time of a `SeededExecutor`: it stands still while anything can run, then jumps to the next sleeper.
///
/// A sleep of no length still lets others in. Cancelling the task ends its sleep at once, at the same virtual time.
public struct VirtualClock: Clock {
    public typealias Duration = Swift.Duration
    public typealias Instant = VirtualInstant

    let executor: SeededExecutor

    public var now: VirtualInstant { executor.now }
    public var minimumResolution: Duration { .nanoseconds(1) }

    public func sleep(until deadline: VirtualInstant, tolerance: Duration? = nil) async throws {
        let number = executor.nextSleeperNumber()
        // Unsafe, because a killed run drops its sleepers and a checked continuation would complain of that.
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                executor.addSleeper(Sleeper(number: number, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            executor.cancelSleeper(number)
        }
    }
}

/// A task that waits for a moment of a virtual clock.
struct Sleeper: Sendable {
    let number: Int
    let deadline: VirtualInstant
    let continuation: UnsafeContinuation<Void, any Error>
}
