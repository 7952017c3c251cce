import RunModel
import Testing

@testable import Engine

@Suite struct QueueOfGridsTests {
    @Test func `the end of a grid drops its own targets and leaves another grid's`() {
        var queue = QueueState()
        let (own, other) = (TargetID(square: 1, of: "s.g2"), TargetID(square: 7, of: "s.g1"))
        queue.items = [own, other].map { QueueItem(id: $0, isSkipped: false, exposures: 0, seconds: 1) }
        for case .queueChanged(let change) in TargetQueue.dropping(queue, of: "s.g2", nil) { queue.apply(change) }
        #expect(queue.items.map(\.id) == [other])
    }
}
