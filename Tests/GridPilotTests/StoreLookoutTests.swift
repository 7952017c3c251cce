import Synchronization
import Testing

@testable import gridpilot

@Suite struct StoreLookoutTests {
    @Test func `a look that is cut short by the server's end says nothing`() async {
        let said = Said()
        let looks = Looks()
        var lookout = StoreLookout {
            if looks.isFirst() { return "The store is gone." }
            withUnsafeCurrentTask { $0?.cancel() }
            return nil
        }
        lookout.say = said.add
        lookout.interval = .zero
        let running = lookout
        await Task { await running.run() }.value
        #expect(said.all == ["The store is gone."])
    }
}

private final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock(\.self) }
    @Sendable func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private final class Looks: Sendable {
    private let count = Mutex(0)
    func isFirst() -> Bool {
        count.withLock { count in
            count += 1
            return count == 1
        }
    }
}
