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

    /// `unless`: something else that cuts it off.
    func outcome(
        within limit: Duration, unless cut: (@Sendable () async -> Void)? = nil,
        _ work: @escaping @Sendable () async throws(RunEnd) -> Void
    ) async -> Outcome {
        let (clock, kill) = (clock, kill)
        var cuts: [@Sendable () async -> Void] = [{ try? await clock.sleep(for: limit) }]  // cancelled is over
        if !kill.isSet { cuts.append { await kill.wait() } }
        if let cut { cuts.append(cut) }
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await Self.outcome(of: work) }
            for cut in cuts {
                group.addTask {
                    await cut()
                    return .undone
                }
            }
            let first = await group.next() ?? .undone
            group.cancelAll()
            return first
        }
    }

    private static func outcome(of work: @Sendable () async throws(RunEnd) -> Void) async -> Outcome {
        do throws(RunEnd) { try await work() } catch {
            return switch error {
            case .link(.operatorStopped): .stopped
            case .lockLost(let cause): .foreign(cause)
            default: .undone
            }
        }
        return .done
    }
}
