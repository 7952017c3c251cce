import RunModel
import Testing

@testable import Store

@Suite struct CachedStatesTests {
    @Test func `a state at hand follows every entry that is written`() throws {
        let store = try RunStore.inMemory()
        for (entry, at) in SampleRun.whole.entries {
            for case .lockTaken(let news) in entry.events { _ = try store.nextEpoch(of: news.microscope) }
            _ = try store.append(entry, at: at)
            #expect(try store.cachedState(of: SampleRun.session) == store.state(of: SampleRun.session)?.state)
            #expect(try store.cachedState(of: SampleRun.first) == store.state(of: SampleRun.first)?.state)
        }
    }

    @Test func `a status that an accident changed is seen once it is doubted`() throws {
        let store = try RunStore.sample()
        let before = try #require(try store.cachedState(of: SampleRun.session)).status
        try store.tamper("UPDATE sessions SET status = 'paused'")
        #expect(try store.cachedState(of: SampleRun.session)?.status == before)
        store.doubtCachedStates(of: SampleRun.session)
        #expect(try store.cachedState(of: SampleRun.session)?.status == .paused)
    }

    @Test func `what another process wrote is seen once it is doubted`() throws {
        let folder = try Folder()
        try folder.fill()
        let (here, there) = (try RunStore.open(at: folder.file), try RunStore.open(at: folder.file))
        let before = try #require(try here.cachedState(of: SampleRun.session))
        let grid = try #require(try here.cachedState(of: SampleRun.second))
        let events: [RunEvent] = [
            .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: !before.pauseBetweenGrids, by: "operator")),
            .targetChanged(
                TargetChanged(
                    target: TargetID(square: 1, of: SampleRun.second), status: .acquired, stage: SampleRun.position(7))),
        ]
        _ = try there.append(Entry(session: SampleRun.session, events: events), at: SampleRun.whole.now)
        #expect(try here.cachedState(of: SampleRun.session) == before)
        here.doubtCachedStates(of: SampleRun.session)
        #expect(try here.cachedState(of: SampleRun.session) == there.cachedState(of: SampleRun.session))
        #expect(try here.cachedState(of: SampleRun.second) == there.cachedState(of: SampleRun.second))
        #expect(try here.cachedState(of: SampleRun.second) != grid)
    }

    @Test func `what a refused entry would have changed is not at hand`() throws {
        let store = try RunStore.sample()
        let before = try store.cachedState(of: SampleRun.session)
        let refused = Entry(
            session: SampleRun.session,
            events: [
                .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: true, by: "x")),
                .gridStarted(GridNamed(grid: SampleRun.first)), .gridStarted(GridNamed(grid: SampleRun.first)),
            ])
        #expect(throws: StoreError.self) { try store.append(refused, at: SampleRun.whole.now) }
        #expect(try store.cachedState(of: SampleRun.session) == before)
    }

    @Test func `what nobody asked for lately leaves the memory`() throws {
        let states = LRUCache<GridID, GridState>(limit: 3)
        let grid = GridState(SampleRun.created.grids[0], of: SampleRun.created)
        for slot in 1...3 { states.put(FoldedState(seq: 1, state: grid), for: GridID(SampleRun.session, slot: slot)) }
        _ = states.look(GridID(SampleRun.session, slot: 1))
        states.put(FoldedState(seq: 1, state: grid), for: GridID(SampleRun.session, slot: 4))
        #expect((1...4).map { states.look(GridID(SampleRun.session, slot: $0)) != nil } == [true, false, true, true])
    }
}
