import RunModel

extension RunCompleted {
    /// `reports`: of its grids. One that cannot be read now is left out: the end is written all the same.
    init(of state: SessionState, _ reports: [GridState], seconds: Double) {
        let tally = TargetTally(reports)
        self.init(
            gridsCompleted: state.grids.count { $0.status == .completed }, grids: state.grids.count { $0.status != .leftOut },
            images: state.grids.reduce(0) { $0 + $1.images }, seconds: seconds,
            failures: tally.failures ?? Self.failedGrids(state) ?? Self.abortedGrids(state) ?? Self.openGrids(state),
            reason: tally.reason ?? state.grids.lazy.filter { $0.status == .failed }.compactMap(\.problem).first)
    }

    /// `1 of 3 grids was not imaged`, whether it failed or somebody skipped it; nil where all were.
    private static func failedGrids(_ state: SessionState) -> String? {
        let failed = state.grids.count { $0.status == .failed }
        return failed == 0 ? nil : "\(failed) of \(state.grids.count) grids \(failed == 1 ? "was" : "were") not imaged"
    }

    /// Taken up again when the run was on its way out: the next start comes to them.
    private static func openGrids(_ state: SessionState) -> String? {
        let open = state.grids.count { $0.status == .waiting }
        return open == 0
            ? nil
            : "\(open) of \(state.grids.count) grids \(open == 1 ? "was" : "were") taken up again and \(open == 1 ? "waits" : "wait")"
    }

    private static func abortedGrids(_ state: SessionState) -> String? {
        let aborted = state.grids.count { $0.status == .aborted }
        return aborted == 0 ? nil : "\(aborted) of \(state.grids.count) grids \(aborted == 1 ? "was" : "were") aborted"
    }
}

extension RunCompleted {
    var lastLine: LogLine {
        func line(_ what: String) -> LogLine {
            LogLine(.warning, "session", [what, failures.map { "\($0)." }, reason].compactMap(\.self).joined(separator: " "))
        }
        return switch shortfall {
        case .noImage: line("Ended with no image.")
        case .failures: line("Completed with failures.")
        case nil: LogLine(.info, "session", "Session complete")
        }
    }
}
