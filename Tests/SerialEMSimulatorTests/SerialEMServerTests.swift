import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

@testable import SerialEMSimulator

/// The server's rules of clients and control, with a program behind it that only takes its time.
@Suite struct SerialEMServerTests {
    private let executor = SeededExecutor(seed: 5)

    private final class Clerk: SerialEMProgram {
        let story = Mutex<[String]>([])
        let clients = Mutex(0)
        let clock: any Clock<Duration>
        let put = Mutex<SerialEMImage?>(nil)
        init(_ clock: any Clock<Duration>) { self.clock = clock }

        func clientCame() -> Int {
            clients.withLock {
                $0 += 1
                note("client \($0) came")
                return $0
            }
        }
        func clientWent(_ client: Int) { note("client \(client) went") }
        func run(_ code: Int32, _ arguments: [SerialEMArgument], client: Int) async -> SerialEMOutcome {
            guard let command = SerialEMCommand(rawValue: code) else { return .failed(nil) }
            note("\(client) \(command.name)")
            if command == .exit { return .exited(isNormal: (arguments.first?.number ?? 0) == 0) }
            if command == .delay {
                // Cancelled: the test is over.
                try? await clock.sleep(for: .seconds(arguments.first?.number ?? 0))
                note("\(client) done")
            }
            return .done(arguments.prefix(6).map { .number($0.number) })
        }
        func image(in buffer: Int32, isFFT: Bool) async -> SerialEMImage? { buffer == 0 ? put.withLock { $0 } : nil }
        func put(_ image: SerialEMImage, as header: SerialEMPut) async { put.withLock { $0 = image } }
        func controlEnded() { note("control ended") }
        func note(_ text: String) { story.withLock { $0.append(text) } }
    }

    private struct Room {
        let clerk: Clerk
        let dialer: PipeDialer
        func connect(_ executor: SeededExecutor) async throws -> (SerialEMConnection, any ByteStream) {
            let stream = try await dialer.dial(SerialEMAddress(host: "here"), within: 1)
            return (SerialEMConnection(stream, clock: executor.clock), stream)
        }
    }

    private func room(_ faults: SerialEMFault...) -> Room {
        let clerk = Clerk(executor.clock)
        let dialer = PipeDialer()
        let server = SerialEMServer(program: clerk, clock: executor.clock, faults: faults)
        executor.start { await server.run(dialer.connections) }
        return Room(clerk: clerk, dialer: dialer)
    }

    private func story(_ room: Room) -> [String] { room.clerk.story.withLock { $0 } }

    @Test func `the first question starts control, a second one finds it on`() throws {
        let room = room()
        let executor = executor
        let answers = try executor.complete {
            let (connection, _) = try await room.connect(executor)
            let first = try await connection.askToRun()
            let second = try await connection.askToRun()
            try await connection.call(.exit, [.integer(1)])
            return [first, second, try await connection.askToRun()]
        }
        #expect(answers == [true, false, true])
    }

    @Test func `a command starts control silently, Exit ends it and leaves the connection`() throws {
        let room = room()
        let executor = executor
        try executor.complete {
            let (connection, _) = try await room.connect(executor)
            try await connection.call(.echo, [.text("a")])
            try await connection.call(.exit, [.integer(1)])
            try await connection.call(.echo, [.text("b")])
            connection.close()
        }
        executor.run(for: .seconds(1))
        #expect(
            story(room) == ["client 1 came", "1 Echo", "1 Exit", "control ended", "1 Echo", "client 1 went", "control ended"])
    }

    @Test func `the newest client waits for the command under way, pushes the old one out, and control stays on`() throws {
        let room = room()
        let executor = executor
        let (lost, answer, waited) = try executor.complete {
            let (first, _) = try await room.connect(executor)
            async let outcome = problem { () throws(MicroscopeError) in try await first.call(.delay, [.integer(8)]) }
            try await executor.clock.sleep(for: .seconds(1))
            let (second, _) = try await room.connect(executor)
            let begun = executor.now
            let starts = try await second.askToRun(within: 100)
            return (await outcome, starts, begun.duration(to: executor.now))
        }
        #expect(lost == nil || lost?.losesLink == true)
        #expect(!answer)
        #expect(waited > .seconds(6))
        #expect(story(room).filter { $0 == "control ended" }.isEmpty)
    }

    @Test func `a client that goes ends control when its command is done, and is seen to go at once`() throws {
        let room = room()
        let executor = executor
        try executor.complete {
            let (connection, _) = try await room.connect(executor)
            _ = try await connection.askToRun()
            let task = Task { try await connection.call(.delay, [.integer(30)]) }
            try await executor.clock.sleep(for: .seconds(2))
            task.cancel()
            _ = await task.result
            try await executor.clock.sleep(for: .seconds(1))
        }
        #expect(story(room) == ["client 1 came", "1 Delay", "client 1 went"])
        executor.run(for: .seconds(60))
        #expect(story(room) == ["client 1 came", "1 Delay", "client 1 went", "1 done", "control ended"])
    }

    @Test func `messages that cannot be understood get the wire's numbers and harm nobody`() throws {
        let room = room()
        let executor = executor
        let replies = try executor.complete {
            let (_, stream) = try await room.connect(executor)
            var replies: [[UInt8]] = []
            let wrong: [[UInt8]] = [
                [8, 0, 0, 0, 99, 0, 0, 0],  // no such function
                [12, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0],  // too short
                [12, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0],  // too long
                [20, 0, 0, 0, 1, 0, 0, 0, 71, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0],  // another length than it says
            ]
            for message in wrong {
                try await stream.send(message[...])
                replies.append(try await stream.receive(8))
            }
            try await stream.send(SerialEMRequest.okToRun.message[...])
            replies.append(try await stream.receive(12))
            // Out of step for good: it is said, and hung up.
            try await stream.send([255, 255, 255, 127])
            replies.append(try await stream.receive(8))
            await #expect(throws: ByteStreamEnd.self) { _ = try await stream.receive(1) }
            return replies.map {
                Int32(bitPattern: UInt32($0[4]) | UInt32($0[5]) << 8 | UInt32($0[6]) << 16 | UInt32($0[7]) << 24)
            }
        }
        #expect(replies == [-1, -4, -5, -6, 0, -5])
    }

    @Test func `what a client sends before it has its answer is lost`() throws {
        let room = room()
        let executor = executor
        try executor.complete {
            let (_, stream) = try await room.connect(executor)
            let delay = SerialEMRequest.command(code: SerialEMCommand.delay.rawValue, arguments: [.integer(3)]).message
            for _ in 0..<50 { try await stream.send(delay[...]) }
            _ = try await stream.receive(24)
            try await executor.clock.sleep(for: .seconds(100))
        }
        #expect(story(room).count { $0 == "1 Delay" } == 1)
    }

    @Test func `an image goes in and comes out`() throws {
        let room = room()
        let executor = executor
        let image = SerialEMImage(
            pixel: .uint16, width: 40, height: 30, bytes: (0..<2400).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let back = try executor.complete {
            let (connection, _) = try await room.connect(executor)
            try await connection.put(image, in: .q, like: .a)
            try await connection.call(.echo, [.text("there")])
            return (try await connection.image(in: .a), try await connection.image(in: .c))
        }
        #expect(back.0 == image)
        #expect(back.1 == nil)
    }

    @Test func `a client that never asks for the next part of an image is dropped`() throws {
        let room = room()
        let executor = executor
        room.clerk.put.withLock {
            $0 = SerialEMImage(pixel: .uint8, width: 6000, height: 6000, bytes: [UInt8](repeating: 1, count: 36_000_000))
        }
        try executor.complete {
            let (_, stream) = try await room.connect(executor)
            try await stream.send(SerialEMRequest.image(buffer: 0, isFFT: false).message[...])
            _ = try await stream.receive(32 + 18_000_000)
            await #expect(throws: ByteStreamEnd.self) { _ = try await stream.receive(1) }
        }
    }

    @Test func `a busy program answers no after five seconds`() throws {
        let room = room(SerialEMFault(.busy, seconds: 12))
        let executor = executor
        let answers = try executor.complete {
            let (connection, _) = try await room.connect(executor)
            let begun = executor.now
            let first = try await connection.askToRun()
            let waited = begun.duration(to: executor.now)
            let second = await problem { () throws(MicroscopeError) in try await connection.call(.echo, [.text("a")]) }
            return (first, waited, second)
        }
        #expect(!answers.0 && answers.1 == .seconds(5) && answers.2 == .busy)
    }

    @Test(arguments: [SerialEMFault.Moment.before, .after]) func `a hang-up comes before or after the command is carried out`(
        _ moment: SerialEMFault.Moment
    ) throws {
        let room = room(SerialEMFault(.hangUp, command: "Record", moment: moment))
        let executor = executor
        let lost = try executor.complete {
            let (connection, _) = try await room.connect(executor)
            try await connection.call(.view)
            return await problem { () throws(MicroscopeError) in try await connection.call(.record) }
        }
        #expect(lost?.losesLink == true)
        #expect(story(room).contains("1 Record") == (moment == .after))
    }
}

private func problem(_ body: () async throws(MicroscopeError) -> some Any) async -> MicroscopeError? {
    do throws(MicroscopeError) { _ = try await body() } catch { return error }
    return nil
}
