import Foundation
import Glibc
import Testing

@testable import gridpilot

@Suite struct LogQueueTests {
    @Test func `whoever logs does not wait for a reader, and the reader hears how much was left out`() async throws {
        var pair: [Int32] = [0, 0]
        try #require(pipe(&pair) == 0)
        let ends = pair
        let log = LogQueue(descriptor: ends[1], capacity: 500)
        // Many times what a pipe holds.
        let line = String(repeating: "x", count: 1000) + "\n"
        for _ in 0..<2000 { log.write(line) }
        #expect(!log.flush(within: .zero))
        let file = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let read = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: String(decoding: file.readDataToEndOfFile(), as: UTF8.self)) }
            Thread.detachNewThread {
                _ = log.flush(within: .seconds(60))
                close(ends[1])
            }
        }
        let lines = read.split(separator: "\n")
        let written = lines.filter { $0.hasPrefix("xxx") }.count
        let leftOut = lines.compactMap { $0.hasSuffix("nobody took them.") ? Int($0.prefix { $0.isNumber }) : nil }
        #expect(!leftOut.isEmpty && written + leftOut.reduce(0, +) == 2000)
    }

    @Test func `what was logged is written when the flush returns`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let log = LogQueue(descriptor: ends[1])
        log.write("one\n")
        log.write("two\n")
        #expect(log.flush(within: .seconds(60)))
        close(ends[1])
        let text = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readDataToEndOfFile()
        #expect(String(decoding: text, as: UTF8.self) == "one\ntwo\n")
    }
}
