import RunModel
import Store
import Testing

/// The store refuses what a status does not list, for every pair of words.
@Suite struct MoveCheckTests {
    private static let at = SampleRun.whole.now

    @Test(arguments: SessionStatus.allCases) func `a session moves only as its status lists`(from: SessionStatus) throws {
        for to in SessionStatus.allCases {
            let store = try RunStore.sample()
            try store.tamper("UPDATE sessions SET status = '\(from.rawValue)'")
            let entry = Entry(session: SampleRun.session, events: [.runMoved(RunMoved(status: to))])
            // Repeating where the run is moves nothing.
            guard from.canMove(to: to) || from == to else {
                let move = #expect(throws: StoreError.self) { try store.append(entry, at: Self.at) }
                #expect(move?.sentence == "Session \(SampleRun.session) is \(from.rawValue) and cannot become \(to.rawValue).")
                #expect(try store.session(SampleRun.session)?.status == from)
                continue
            }
            _ = try store.append(entry, at: Self.at)
            #expect(try store.session(SampleRun.session)?.status == to)
        }
    }

    @Test(arguments: SessionStatus.allCases) func `what was found to be true is said whatever was stored`(from: SessionStatus)
        throws
    {
        let killed = RunEvent.runKilled(RunKilled(by: "staff", found: []))
        let interrupted = RunEvent.runInterrupted(RunInterrupted(grid: nil, target: nil, micrograph: nil, cause: "It ended."))
        let forced = RunEvent.runStarted(RunStarted(by: "staff", host: "grid", pid: 1, epoch: 1, forced: true))
        for (event, status) in [(killed, SessionStatus.killed), (interrupted, .interrupted), (forced, .starting)] {
            let store = try RunStore.sample()
            try store.tamper("UPDATE sessions SET status = '\(from.rawValue)'")
            _ = try store.append(Entry(session: SampleRun.session, events: [event]), at: Self.at)
            #expect(try store.session(SampleRun.session)?.status == status)
        }
    }

    @Test func `a grid moves only as its status lists`() throws {
        for to in GridStatus.allCases {
            let store = try RunStore.sample()
            let entry = Entry(session: SampleRun.session, events: [.gridMoved(GridMoved(grid: SampleRun.first, status: to))])
            if GridStatus.waiting.canMove(to: to) {
                _ = try store.append(entry, at: Self.at)
                #expect(try store.state(of: SampleRun.first)?.state.status == to)
            } else {
                #expect(throws: StoreError.self) { try store.append(entry, at: Self.at) }
            }
        }
    }

    @Test(arguments: TargetStatus.allCases) func `a target moves only as its status lists`(from: TargetStatus) throws {
        let square = TargetID(square: 1, of: SampleRun.first)
        for to in TargetStatus.allCases where to != from {
            let store = try RunStore.sample()
            var target = SampleRun.target(square, 1)
            target.status = from
            _ = try store.append(
                Entry(
                    session: SampleRun.session, events: [.squaresFound(SquaresFound(grid: SampleRun.first, squares: [target]))]),
                at: Self.at)
            let entry = Entry(session: SampleRun.session, events: [SampleRun.change(square, to)])
            if from.canMove(to: to) {
                _ = try store.append(entry, at: Self.at)
                #expect(try store.target(square)?.status == to)
            } else {
                #expect(throws: StoreError.self) { try store.append(entry, at: Self.at) }
                #expect(try store.target(square)?.status == from)
            }
        }
    }

    @Test func `news of a target that was never found is refused`() throws {
        let store = try RunStore.sample()
        let square = TargetID(square: 8, of: SampleRun.first)
        #expect(throws: StoreError.unknown("target \(square)")) {
            try store.append(Entry(session: SampleRun.session, events: [SampleRun.change(square, .queued)]), at: Self.at)
        }
    }

    @Test func `one illegal move refuses the whole entry`() throws {
        let store = try RunStore.sample()
        let entry = Entry(
            session: SampleRun.session,
            events: [.gridStarted(GridNamed(grid: SampleRun.first)), .gridCompleted(GridCompleted(grid: SampleRun.first))])
        #expect(throws: StoreError.self) { try store.append(entry, at: Self.at) }
        #expect(try store.state(of: SampleRun.first)?.state.status == .waiting)
        #expect(try store.newestSeq() == 1)
    }
}
