import RunModel
import Testing

/// Every pair of words of every status: what is not listed here is not legal.
@Suite struct StatusTests {
    private func expect<S: Status>(_ moves: [S: Set<S>]) {
        for from in S.allCases {
            for to in S.allCases {
                var status = from
                let isLegal = moves[from]?.contains(to) == true
                #expect(from.canMove(to: to) == isLegal, "\(from) to \(to)")
                if isLegal {
                    #expect(throws: Never.self) { try status.move(to: to) }
                    #expect(status == to)
                } else {
                    #expect(throws: IllegalMove.self) { try status.move(to: to) }
                    #expect(status == from)
                }
            }
        }
    }

    @Test func `a session's moves`() {
        let ends: Set<SessionStatus> = [.failed, .interrupted, .killed]
        expect([
            SessionStatus.ready: [.starting],
            .starting: ends.union([.running, .stopping]),
            .running: ends.union([.paused, .stopping, .completed]),
            .paused: ends.union([.running, .stopping, .completed]),
            .stopping: ends.union([.starting, .running, .paused, .stopped, .completed]),
            .stopped: [.starting], .completed: [.starting], .failed: [.starting], .interrupted: [.starting], .killed: [.starting],
        ])
    }

    @Test func `a target's moves`() {
        expect([
            TargetStatus.found: [.queued], .queued: [.found, .completed, .acquiring, .skipped, .failed],
            .acquiring: [.queued, .acquired, .failed, .unknown], .acquired: [.processed, .completed, .failed, .queued],
            .processed: [.completed, .failed, .queued], .completed: [.queued], .skipped: [.queued, .found, .completed],
            .failed: [.queued],
            .unknown: [.queued, .acquired, .failed],
        ])
    }

    @Test func `a micrograph's moves`() {
        expect([
            MicrographStatus.exposing: [.saved, .notTaken, .unknown], .saved: [.processed, .unprocessable],
            .processed: [.processed, .unprocessable], .unprocessable: [.processed, .unprocessable], .notTaken: [.exposing],
            .unknown: [.saved, .notTaken, .exposing, .left], .left: [],
        ])
    }

    @Test func `every grid can be stopped or is at rest, and a closed one is loaded only when it has been taken up again`() {
        for status in GridStatus.allCases where status.isUnderWay { #expect(status.canMove(to: .stopped), "\(status)") }
        for status in GridStatus.allCases where !status.isOpen { #expect(status.successors == [.waiting], "\(status)") }
        for status in [GridStatus.waiting, .stopped, .failed] { #expect(status.canMove(to: .loading)) }
        for status in GridStatus.allCases where status.isUnderWay { #expect(status.canMove(to: .aborted), "\(status)") }
    }

    @Test func `a status without a living holder reads interrupted`() {
        for status in SessionStatus.allCases {
            #expect(status.derived(holderLives: true) == status)
            #expect(status.derived(holderLives: false) == (status.needsHolder ? .interrupted : status))
        }
        #expect(SessionStatus.allCases.filter(\.needsHolder) == [.starting, .running, .paused, .stopping])
    }
}
