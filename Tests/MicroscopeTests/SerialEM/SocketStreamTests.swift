import RunModel
import SerialEMSimulator
import Testing

@testable import Microscope

/// The real socket, on the loopback. How soon a call ends is measured by `scripts/bench wire`: here the machine's threads are all taken.
@Suite struct SocketStreamTests {
    private func pair() async throws -> (near: any ByteStream, far: any ByteStream, SocketListener) {
        let listener = try SocketListener(SerialEMAddress(host: "127.0.0.1", port: 0))
        var connections = listener.connections().makeAsyncIterator()
        let near = try await SocketDialer().dial(listener.address, within: 5)
        let far = try #require(await connections.next())
        return (near, far, listener)
    }

    @Test func `bytes arrive whole and in order, however they were cut`() async throws {
        let (near, far, listener) = try await pair()
        defer { listener.close() }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        async let received = far.receive(bytes.count)
        try await near.send(bytes.prefix(1))
        try await near.send(bytes.dropFirst())
        #expect(try await received == bytes)
    }

    @Test func `a receive that waits ends when it is closed here`() async throws {
        let (near, _, listener) = try await pair()
        defer { listener.close() }
        let waiting = Task { try await near.receive(4) }
        near.close()
        await #expect(throws: ByteStreamEnd.self) { _ = try await waiting.value }
    }

    @Test func `a cancelled command is over although nothing ever comes`() async throws {
        let (near, _, listener) = try await pair()
        defer { listener.close() }
        let connection = SerialEMConnection(near, clock: ContinuousClock())
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            signal.yield()
            _ = try await connection.call(.montage)
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: MicroscopeError.cancelled) { try await task.value }
    }

    @Test func `where nobody listens, the sentence says so`() async throws {
        let listener = try SocketListener(SerialEMAddress(host: "127.0.0.1", port: 0))
        let address = listener.address
        listener.close()
        await #expect(throws: ByteStreamEnd("since no SerialEM listens at \(address)")) {
            _ = try await SocketDialer().dial(address, within: 2)
        }
        await #expect(throws: ByteStreamEnd("since no computer is called no-such-computer.invalid")) {
            _ = try await SocketDialer().dial(SerialEMAddress(host: "no-such-computer.invalid"), within: 5)
        }
    }

    @Test func `an urgent byte ends a receive before it and is never delivered`() async throws {
        let (near, far, listener) = try await pair()
        defer { listener.close() }
        try await far.send([1, 2, 3])
        try await far.sendUrgent(0)
        try await far.send([4, 5])
        #expect(try await near.receive(5) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: ["127.0.0.1:80", "scope", "scope:48888"])
    func `addresses are a host, and a port where it is not the usual one`(
        _ text: String
    ) throws {
        let address = try #require(SerialEMAddress(text))
        #expect(address.port == (text == "scope" ? 48888 : text.hasSuffix(":80") ? 80 : 48888))
        for wrong in ["", ":1", "a:b", "a:70000", "a b:1", "a:1:2"] { #expect(SerialEMAddress(wrong) == nil) }
    }
}
