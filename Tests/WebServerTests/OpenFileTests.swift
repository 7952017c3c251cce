import Blocking
import Dispatch
import Testing

@testable import WebServer

@Suite struct OpenFileTests {
    @Test(.timeLimit(.minutes(1))) func `a file whose closing hangs keeps none of the others open`() async throws {
        let hang = DispatchSemaphore(value: 0)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        // More than any pool has threads on a machine of this size.
        let count = 4 * 16
        for _ in 0..<count {
            _ = try #require(
                OpenFile(path: "/etc/passwd") {
                    begin.yield()
                    hang.wait()
                    OpenFile.close($0)
                })
        }
        var closings = begun.makeAsyncIterator()
        for _ in 0..<count { await closings.next() }
        for _ in 0..<count { hang.signal() }
    }
}
