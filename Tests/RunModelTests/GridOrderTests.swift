import RunModel
import Testing

@Suite struct GridOrderTests {
    private func state(_ plan: SessionPlan, current: Int? = nil, _ grids: [(GridStatus, atlas: Bool, queued: Int)])
        -> SessionState
    {
        let session = Session(
            id: "s", name: "s", group: "g", microscope: "m", detector: "d", createdBy: "o", createdAt: Timestamp(milliseconds: 0),
            directory: "d", settings: GridSettings())
        var state = SessionState(
            SessionCreated(
                session: session,
                microscope: MicroscopeDescription(id: "m", name: "M", vendor: .thermoFisher, voltage: 300, cs: 2.7, slots: 12),
                detector: DetectorDescription(id: "d", name: "D", microscope: "m", width: 1, height: 1, pixelSize: 1),
                grids: grids.indices.map {
                    Grid(
                        id: GridID("s", slot: $0 + 1), name: "\($0)", slot: $0 + 1, holeType: nil, meshMaterial: nil, recipe: "r")
                }))
        state.plan = plan
        state.current = current.map { GridID("s", slot: $0) }
        for (index, grid) in grids.enumerated() {
            (state.grids[index].status, state.grids[index].hasAtlas, state.grids[index].isSearched) = (
                grid.0, grid.atlas, grid.atlas
            )
            for number in 0..<grid.queued {
                let id = TargetID(square: number + 1, of: GridID("s", slot: index + 1))
                state.queue.items.append(QueueItem(id: id, exposures: 0, seconds: 1))
            }
        }
        return state
    }

    private func order(_ state: SessionState, failed: Set<GridID> = []) -> [Int] {
        GridOrder.left(of: state, failed: failed).map(\.grid.slot)
    }

    @Test func `each grid comes in its turn, the one under way first`() {
        #expect(order(state(.screenEachGrid, [(.completed, true, 0), (.waiting, false, 0), (.running, true, 2)])) == [3, 2])
        #expect(order(state(.screenEachGrid, current: 2, [(.waiting, false, 0), (.stopped, true, 0)])) == [2, 1])
        let failed = state(.screenEachGrid, [(.failed, false, 0), (.waiting, false, 0)])
        #expect(order(failed) == [1, 2] && order(failed, failed: [GridID("s", slot: 1)]) == [2])
    }

    @Test func `atlases come to those without one, or without a look at it`() {
        var state = state(.atlasesFirst, [(.waiting, true, 3), (.waiting, false, 0), (.stopped, true, 0), (.leftOut, false, 0)])
        #expect(order(state) == [2])
        state.grids[2].isSearched = false
        #expect(order(state) == [2, 3])
    }

    @Test func `collecting comes to those with targets, the one on the stage first, and leaves the idle ones`() {
        var state = state(
            .collectQueued, current: 3, [(.waiting, true, 1), (.waiting, true, 0), (.waiting, true, 2), (.failed, true, 0)])
        #expect(order(state) == [3, 1, 4])
        #expect(GridOrder.idle(state).map(\.grid.slot) == [2])
        // The one that a run was at when it ended is gone on with, mapped or not queued as it is.
        state.grids[1].status = .stopped
        state.current = GridID("s", slot: 2)
        #expect(order(state) == [2, 1, 3, 4])
        state.current = nil
        state.queue.items = []
        #expect(order(state, failed: [GridID("s", slot: 4)]) == [] && GridOrder.idle(state).map(\.grid.slot) == [1, 2, 3])
    }

    @Test(arguments: [(0.66, false), (0.64, true), (-1, true), (Double.nan, true)])
    func `a match is doubted below its limit, and where it is no number`(score: Double, isDoubtful: Bool) {
        #expect(MatchRule.isDoubtful(score) == isDoubtful)
    }
}
