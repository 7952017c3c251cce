import Foundation
import JSONText
import RunModel
import Testing

@testable import Store

/// A snapshot, however it is had, is the fold of the events told.
@Suite struct StoredStateTests {
    @Test(arguments: 1...20) func `a snapshot from memory, from a checkpoint and from the first event on are the same`(
        seed: UInt64
    ) throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        var told = try SampleRun.whole.tell(to: store)
        var news = RandomNews(seed: seed)
        // More than two checkpoints' worth, asked for now and then, as pages do.
        for turn in 0..<250 {
            told += try store.append(news.entry(), at: news.now).told
            if turn % 60 == 0 { _ = try store.state(of: SampleRun.session) }
        }
        // Without one this would compare the fold with itself.
        #expect(try store.reading { try $0.number("SELECT count(*) FROM checkpoints", []) } >= 2)
        let folded = try Folded(told)
        try expect(store, equals: folded)
        try store.close()
        try expect(try RunStore.open(at: folder.file), equals: folded)
    }

    @Test func `a client that folds what it is told ends where the store is, at every single event`() throws {
        let store = try RunStore.inMemory()
        var told: [TopicEvent] = []
        for (entry, at) in SampleRun.whole.entries {
            for case .lockTaken(let news) in entry.events { _ = try store.nextEpoch(of: news.microscope) }
            told += try store.append(entry, at: at).told
            try expect(store, equals: try Folded(told))
        }
    }

    @Test func `what a refused entry would have changed is seen by nobody`() throws {
        let store = try RunStore.inMemory()
        let told = try SampleRun.whole.tell(to: store)
        let refused = Entry(
            session: SampleRun.session,
            events: [
                .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: false, by: "operator")),
                .gridMoved(GridMoved(grid: SampleRun.first, status: .paused)),
            ])
        #expect(throws: StoreError.self) { try store.append(refused, at: SampleRun.whole.now) }
        try expect(store, equals: try Folded(told))
    }

    @Test func `a status that an accident changed is what is read`() throws {
        let store = try RunStore.sample()
        _ = try store.state(of: SampleRun.session)
        try store.tamper("UPDATE sessions SET status = 'running'")
        #expect(try store.state(of: SampleRun.session)?.state.status == .running)
        #expect(try store.session(SampleRun.session)?.status == .running)
        #expect(try store.facility().state.sessions.map(\.status) == [.running])
        #expect(try store.sessionsWithActiveStatus() == [SampleRun.session])
    }

    @Test func `a grid that no session has is no grid`() throws {
        let store = try RunStore.sample()
        #expect(try store.state(of: GridID(SampleRun.session, slot: 9)) == nil)
        #expect(try store.state(of: SampleRun.first)?.seq == 0)
        #expect(try store.state(of: "elsewhere" as SessionID) == nil)
    }

    private func expect(_ store: RunStore, equals folded: Folded) throws {
        #expect(try store.state(of: SampleRun.session)?.state == folded.session)
        #expect(try store.state(of: SampleRun.first)?.state == folded.grids[SampleRun.first])
        #expect(try store.state(of: SampleRun.second)?.state == folded.grids[SampleRun.second])
        #expect(try store.facility().state == folded.facility)
        #expect(try store.state(of: SampleRun.session)?.seq == folded.last[.session(SampleRun.session)])
        #expect(try store.facility().seq == folded.last[.facility])
    }
}

/// What a client has that was there from the first event on and read its texts.
struct Folded {
    var session = SessionState(SampleRun.created)
    var facility = FacilityState(microscopes: [])
    var grids: [GridID: GridState] = [:]
    var last: [Topic: Int64] = [:]

    init(_ told: [TopicEvent]) throws {
        for grid in SampleRun.created.grids { grids[grid.id] = GridState(grid, of: SampleRun.created) }
        for event in told {
            let stored = try event.stored()
            last[event.topic] = event.seq
            switch event.topic {
            case .session: session.apply(stored)
            case .grid(let id): grids[id]?.apply(stored)
            case .facility: facility.apply(stored)
            case .log: break
            }
        }
    }
}

/// Legal news in an order that a seed decides, going on where the sample run ends.
struct RandomNews {
    private var state: UInt64
    private(set) var now = SampleRun.whole.now
    private var version = 100

    init(seed: UInt64) { state = seed }

    private mutating func pick(_ count: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % count
    }

    mutating func entry() -> Entry {
        now = now.advanced(bySeconds: Double(pick(900)) / 4)
        return Entry(session: SampleRun.session, events: (0...pick(3)).map { _ in event() })
    }

    private mutating func event() -> RunEvent {
        let square = TargetID(square: 1, of: SampleRun.second)
        switch pick(8) {
        case 0: return .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: pick(2) == 0, by: "operator"))
        case 1: return .noticeRaised(Notice(id: "n\(pick(5))", kind: .info, sentence: "Seen.", raisedAt: now))
        case 2: return .noticeCleared(NoticeCleared(id: "n\(pick(5))"))
        case 3:
            return .startRefused(
                StartRefused(by: "operator", code: "scopeLock.held", sentence: "Held.", remedy: nil, holder: nil))
        case 4:
            return .promptUpdated(
                Prompt(
                    id: "prompt-4", kind: .diskFull, grid: SampleRun.second, queued: Int(pick(9)), last: true, nextGrid: nil,
                    raisedAt: now))
        case 5: return .holesFound(HolesFound(square: square, holes: holes(of: square)))
        case 6:
            return .targetChanged(
                TargetChanged(target: square, status: .acquired, stage: SampleRun.position(Double(pick(64)) / 8)))
        default:
            version += 1
            var change = QueueChanged(grid: SampleRun.second, version: version)
            change.order = []
            return .queueChanged(change)
        }
    }

    private mutating func holes(of square: TargetID) -> [Target] {
        (1...(1 + pick(12))).map { SampleRun.target(TargetID(hole: Int($0), of: square), Double($0) / 4) }
    }
}
