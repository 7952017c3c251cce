import RunModel

/// Work that is cut off when its time is over, or when somebody ends the run harder.
struct Patience {
    enum Outcome: Equatable {
        case done, undone
        /// Somebody pressed STOP meanwhile.
        case stopped
        /// The microscope went to another run.
        case foreign(ScopeLockError)

        var asLeft: ColumnLeft {
            switch self {
            case .done: .closed
            case .undone: .silent
            case .stopped: .operators
            case .foreign(let cause): .foreign(cause)
            }
        }
    }
    let kill: Latch
    let clock: any Clock<Duration>

    func outcome(within limit: Duration, _ work: @escaping @Sendable () async throws(RunEnd) -> Void) async -> Outcome {
        let (clock, kill) = (clock, kill.isSet ? nil : kill)
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do throws(RunEnd) { try await work() } catch {
                    return switch error {
                    case .link(.operatorStopped): .stopped
                    case .lockLost(let cause): .foreign(cause)
                    default: .undone
                    }
                }
                return .done
            }
            group.addTask {
                try? await clock.sleep(for: limit)  // cancelled is over
                return .undone
            }
            if let kill {
                group.addTask {
                    await kill.wait()
                    return .undone
                }
            }
            let first = await group.next() ?? .undone
            group.cancelAll()
            return first
        }
    }
}
