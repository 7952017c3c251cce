import Microscope
import Processing
import RunModel

/// What has failed in a row, each kind by itself: squares fail of other things than holes.
struct AlikeFailures {
    var squares = FailureWatch<TargetID>(limit: 3)
    var holes = FailureWatch<TargetID>(limit: 3)
    /// A grid is hours of work: the second is enough.
    var grids = FailureWatch<GridID>(limit: 2)

    mutating func note(_ target: TargetID, _ reason: FailureReason) -> [TargetID]? {
        switch target.kind {
        case .square: squares.note(target, reason)
        case .hole: holes.note(target, reason)
        }
    }

    mutating func noteSuccess(of target: TargetID) {
        switch target.kind {
        case .square: squares.noteSuccess()
        case .hole: holes.noteSuccess()
        }
    }
}

// Failures that are alike stop a run before it spends the night on them.
extension RunContext {
    /// A target has failed. False where somebody was asked and chose to end the grid.
    func noteFailure(of target: TargetID, _ reason: FailureReason, _ cause: any Explained) async throws(RunEnd) -> Bool {
        guard let failed = alike.note(target, reason) else { return true }
        let what = target.kind == .square ? "squares" : "holes"
        try log(.error, "target", "\(failed.count) \(what) in a row failed for the same reason. \(cause.explanation)")
        return try await askAboutTargets(
            Question(.targetsFailAlike, grid: target.grid, cause: cause.explanation, failedTargets: failed))
    }

    /// What an ended run left open, or was answered to it before this one asked. One about a grid that could not be taken up is withdrawn.
    func takeUpFailures(on grid: GridID) throws(RunEnd) {
        if failuresLeft?.grid != grid { failuresLeft = nil }
        guard let left = try known().prompt ?? decision?.prompt, left.kind == .targetsFailAlike else { return }
        if left.grid == grid {
            failuresLeft = Question(again: left)
        } else {
            try withdraw(.targetsFailAlike, because: "its grid is not the one that begins")
        }
    }

    /// False where somebody chose to end the grid.
    func askAboutFailuresLeft() async throws(RunEnd) -> Bool {
        guard let left = failuresLeft else { return true }
        let goesOn = try await askAboutTargets(left)
        failuresLeft = nil
        return goesOn
    }

    private func askAboutTargets(_ question: Question) async throws(RunEnd) -> Bool {
        switch try await ask(question) {
        case .endGrid: return false
        case .tryAgain:
            let events = DoseLedger.tryAgain(
                question.failedTargets ?? [], on: try grid(question.grid), try known(), engine: parts.settings)
            if !events.isEmpty { try record(events) }
            return true
        case .resume, .skipGrid, .acceptCassette, .settleExposure, .followPlan, .nothing: return true
        }
    }

    /// How many targets failed is another number on each grid; why they did is what two grids have in common.
    func reason(of failure: Failure, at grid: GridID) throws(RunEnd) -> FailureReason {
        guard failure.code == Failure.noImageCode else { return FailureReason(failure) }
        return FailureReason(code: failure.code, text: TargetTally([try self.grid(grid)]).reason ?? "")
    }

    /// A grid has failed. With none left to be kept from failing, the end of the run says the same.
    func noteFailure(of grid: Grid, _ failure: Failure, _ reason: FailureReason, isLast: Bool) async throws(RunEnd) {
        guard let failed = alike.grids.note(grid.id, reason), !isLast else { return }
        let cause = [failure.sentence, failure.remedy].compactMap(\.self).joined(separator: " ")
        try log(.error, "grid", "\(failed.count) grids in a row failed for the same reason. \(cause)")
        let effect = try await ask(Question(.gridsFailAlike, grid: grid.id, cause: cause, failedGrids: failed))
        if effect == .tryAgain { forgetFailures(of: failed) }
    }
}

extension FailureReason {
    /// What a microscope refuses, it refuses under one code.
    init(_ cause: MicroscopeError) {
        if case .refused(let text) = cause {
            self.init(code: cause.code, text: text)
        } else {
            self.init(code: cause.code)
        }
    }

    init(_ problem: FinderProblem) { self.init(code: problem.code, text: problem.sentence) }

    init(_ failure: Failure) { self.init(code: failure.code, text: failure.sentence) }
}
