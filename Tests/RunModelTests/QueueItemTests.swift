import RunModel
import Testing

@Suite struct QueueItemTests {
    private static let grid = GridID("s", slot: 1)
    private static let ids = (1...4).map { TargetID(square: $0, of: grid) }
    private static func item(_ index: Int, skipped: Bool = false) -> QueueItem {
        QueueItem(id: ids[index], isSkipped: skipped, exposures: 0, seconds: 60)
    }

    private func change(_ state: inout QueueState, _ edit: (inout QueueChanged) -> Void) {
        var change = QueueChanged(grid: Self.grid, version: state.version + 1)
        edit(&change)
        state.apply(change)
    }
    private var three: QueueState {
        var state = QueueState()
        change(&state) { $0.added = [0, 1, 2].map { Self.item($0) } }
        return state
    }
    private func order(_ state: QueueState) -> [Int] { state.items.map(\.id.number) }

    @Test func `items are added at the end, or before the one that is named`() {
        var state = three
        change(&state) {
            $0.added = [Self.item(3)]
            $0.before = Self.ids[1]
        }
        #expect(order(state) == [1, 4, 2, 3])
        #expect(state.version == 2)
    }

    @Test func `items go to the end when the named one is gone, also by this very change`() {
        var state = three
        change(&state) {
            $0.removed = [Self.ids[0]]
            $0.added = [Self.item(3)]
            $0.before = Self.ids[0]
        }
        #expect(order(state) == [2, 3, 4])
    }

    @Test func `taken and removed items leave`() {
        var state = three
        change(&state) {
            $0.taken = [Self.ids[0]]
            $0.removed = [Self.ids[2]]
        }
        #expect(order(state) == [2])
    }

    @Test func `skipped items stay where they are and are not waiting`() {
        var state = three
        change(&state) { $0.skipped = [Self.ids[0], Self.ids[1]] }
        #expect(state.items.map(\.isSkipped) == [true, true, false])
        #expect(state.waiting(of: Self.grid) == 1)
        change(&state) { $0.unskipped = [Self.ids[1]] }
        #expect(state.waiting(of: Self.grid) == 2)
        #expect(state.waiting(of: GridID("s", slot: 2)) == 0)
    }

    @Test func `an order puts the named first and leaves the others in theirs`() {
        var state = three
        change(&state) { $0.order = [Self.ids[2]] }
        #expect(order(state) == [3, 1, 2])
        change(&state) { $0.order = [Self.ids[1], Self.ids[3], Self.ids[1]] }
        #expect(order(state) == [2, 3, 1])
    }
}
