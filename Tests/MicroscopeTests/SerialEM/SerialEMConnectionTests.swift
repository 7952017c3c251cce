import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Microscope

/// A connection against a peer that says what a test tells it to.
@Suite struct SerialEMConnectionTests {
    private let executor = SeededExecutor(seed: 3)

    private func talk<Value: Sendable>(
        cut: Int? = nil, peer: @escaping @Sendable (PipeStream) async throws -> Void,
        _ body: @escaping @Sendable (SerialEMConnection) async throws -> Value
    ) throws -> Value {
        let (near, far) = PipeStream.pair(cut: cut)
        executor.start { try? await peer(far) }  // a peer that is cut off has nothing more to say
        let connection = SerialEMConnection(near, clock: executor.clock)
        return try executor.complete { try await body(connection) }
    }

    private func problem(
        cut: Int? = nil, peer: @escaping @Sendable (PipeStream) async throws -> Void,
        _ body: @escaping @Sendable (SerialEMConnection) async throws -> Void
    ) throws -> MicroscopeError? {
        try talk(cut: cut, peer: peer) { connection in
            do { try await body(connection) } catch let problem as MicroscopeError { return problem }
            return nil
        }
    }

    @Test func `a command's values come back in their order`() throws {
        let report = try talk {
            try await $0.answerNext(.outcome(.done([.number(1), .text("grid3")])))
        } _: {
            try await $0.call(.reportSlotStatus, [.integer(3)])
        }
        #expect(try report.number(0) == 1)
        #expect(try report.text(1) == "grid3")
        #expect(throws: MicroscopeError.self) { try report.number(1) }
        #expect(throws: MicroscopeError.self) { try report.number(2) }
    }

    @Test func `a refusal is told in SerialEM's words, without the script's line`() throws {
        let text = "Attempt to tilt too high in script, to 200.0 degrees, in line:\r\n\r\nTiltTo(200.)"
        let problem = try problem {
            try await $0.answerNext(.outcome(.failed(text)))
        } _: {
            _ = try await $0.call(.tiltTo, [.real(200)])
        }
        #expect(problem == .refused("Attempt to tilt too high in script, to 200.0 degrees"))
    }

    @Test(arguments: [
        (
            "\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\nThe column valves are closed, in line:\r\n\r\nRecord()\r\n"
                + "* * * * * * * * * * * * * * * * * *\r\n", "The column valves are closed"
        ),
        (
            "\r\nSCRIPT STOPPING WITH THIS MESSAGE:\r\nbecause of failure to change directory to X:\\no in statement: \r\n\r\n"
                + "SetDirectory(X:\\no)\r\n* * * *\r\n", "because of failure to change directory to X:\\no"
        ),
        (
            "Script aborted centering beam because of no image,\nunusable image type, or failure to get memory\n",
            "Script aborted centering beam because of no image, unusable image type, or failure to get memory"
        ),
        (
            "\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\nThe energy loss requested in:\r\n\r\nSetEnergyLoss(9000)\r\n\r\nrequires a net "
                + "offset of 9000.0with the current adjustments.\r\nThis net value is beyond the allowed range.\r\n* * *\r\n",
            "The energy loss requested requires a net offset of 9000.0with the current adjustments. This net value is beyond the allowed "
                + "range"
        ),
        (
            "You need to do a cassette inventory; There is no cartridge information for:\n\nReportSlotStatus(1)",
            "You need to do a cassette inventory; There is no cartridge information"
        ),
    ])
    func `what SerialEM frames, breaks into lines and blames on a line is one sentence`(_ text: String, _ sentence: String) {
        #expect(SerialEMWords.sentence(text) == sentence)
    }

    @Test func `a reply of 70,000 characters is read, and told in a line`() throws {
        let problem = try problem {
            try await $0.answerNext(.outcome(.failed(String(repeating: "no ", count: 23_334))))
        } _: {
            _ = try await $0.call(.view)
        }
        guard case .refused(let words)? = problem else { return #expect(Bool(false), "\(String(describing: problem))") }
        #expect(words.count == 300)
    }

    @Test(arguments: [
        (SerialEMCommand.reportLoadedSlot, nil, MicroscopeError.unknownCommand("ReportLoadedSlot")),
        (.view, nil, .noReason(command: "View")), (.view, "", .noReason(command: "View")),
        (.view, "\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\n\r\n* * *\r\n", .noReason(command: "View")),
    ])
    func `a refusal without words is a newer command, or has a sentence and a remedy`(
        _ command: SerialEMCommand, _ text: String?, _ expected: MicroscopeError
    ) throws {
        let problem = try problem {
            try await $0.answerNext(.outcome(.failed(text)))
        } _: {
            _ = try await $0.call(command)
        }
        #expect(problem == expected)
        #expect(problem?.remedy != nil)
    }

    @Test func `STOP is taken for STOP once problems are answered, and for a box before`() throws {
        let before = try problem {
            try await $0.answerNext(.outcome(.stopped))
        } _: {
            _ = try await $0.call(.autoFocus)
        }
        #expect(before == .linkLost("because a message on its screen ended AutoFocus"))
        let after = try problem {
            try await $0.answerNext(.outcome(.done([])))
            try await $0.answerNext(.outcome(.stopped))
        } _: {
            try await $0.answerProblems()
            _ = try await $0.call(.autoFocus)
        }
        #expect(after == .operatorStopped)
    }

    @Test(arguments: [
        (SerialEMReply.refused(-9), MicroscopeError.busy), (.refused(-10), .operatorStopped),
        (.refused(-6), .linkLost("because SerialEM refused Echo (-6)")),
    ])
    func `busy, STOP beforehand and refused messages have names of their own`(_ reply: SerialEMReply, _ expected: MicroscopeError)
        throws
    {
        let problem = try problem {
            try await $0.answerNext(reply)
        } _: {
            _ = try await $0.call(.echo, [.text("hello")])
        }
        #expect(problem == expected)
    }

    @Test func `an answer that comes too late closes the connection and is never taken for another's`() throws {
        let clock = executor.clock
        let (first, second) = try talk { peer in
            try await peer.readRequest()
            try await clock.sleep(for: .seconds(500))
            try await peer.send(SerialEMReply.outcome(.done([.number(77)])).message[...])
        } _: { connection -> (MicroscopeError?, MicroscopeError?) in
            let first = await refusal(of: { () throws(MicroscopeError) in _ = try await connection.call(.reportStageXYZ) })
            let second = await refusal(of: { () throws(MicroscopeError) in _ = try await connection.call(.reportTiltAngle) })
            return (first, second)
        }
        #expect(first == .timedOut(command: "ReportStageXYZ", seconds: SerialEMCommand.reportStageXYZ.row.deadline))
        #expect(second?.losesLink == true)
    }

    @Test func `an answer that nobody asked for closes the connection before anything else is asked`() throws {
        let (near, far) = PipeStream.pair()
        let connection = SerialEMConnection(near, clock: executor.clock)
        let problem = try executor.complete { () -> MicroscopeError? in
            let unasked = SerialEMReply.outcome(.done([.number(7)])).message
            try await far.send(unasked[...])
            do throws(MicroscopeError) { try await connection.call(.reportTickTime) } catch { return error }
            return nil
        }
        #expect(problem == .linkLost("because the answer to ReportTickTime was preceded by one that nobody had asked for"))
        #expect(far.waitingBytes == 0)
        #expect(!connection.isOpen)
    }

    @Test(arguments: 0..<24) func `an answer cut at any byte is a lost link`(_ bytes: Int) throws {
        let request = SerialEMRequest.command(code: SerialEMCommand.reportTiltAngle.rawValue, arguments: []).message.count
        let problem = try problem(cut: request + bytes) {
            try await $0.answerNext(.outcome(.done([.number(5)])))
        } _: {
            _ = try await $0.call(.reportTiltAngle)
        }
        #expect(problem == .linkLost("because SerialEM closed it"))
    }

    @Test(
        arguments: [
            [0, 0, 0, 0], [255, 255, 255, 255], [7, 0, 0, 0], [0, 0, 0, 127],
            [24, 0, 0, 0, 0, 0, 0, 0, 64, 66, 15, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
            [8, 0, 0, 0, 5, 0, 0, 0],
        ] as [[UInt8]])
    func `an answer that makes no sense closes the connection`(_ bytes: [UInt8]) throws {
        let (problem, isOpen) = try talk { peer in
            try await peer.readRequest()
            try await peer.send(bytes[...])
        } _: { connection in
            let problem = await refusal(of: { () throws(MicroscopeError) in _ = try await connection.call(.reportTiltAngle) })
            return (problem, connection.isOpen)
        }
        guard case .linkLost(let reason) = problem else { return #expect(Bool(false), "\(String(describing: problem))") }
        #expect(reason.contains("the answer to ReportTiltAngle was"))
        #expect(!isOpen)
    }

    @Test func `a second command is refused while the first is under way`() throws {
        let clock = executor.clock
        let problem = try talk { peer in
            try await peer.readRequest()
            try await clock.sleep(for: .seconds(5))
            try await peer.send(SerialEMReply.outcome(.done([])).message[...])
        } _: { connection in
            async let first = connection.call(.search)
            try await clock.sleep(for: .seconds(1))
            let problem = await refusal(of: { () throws(MicroscopeError) in _ = try await connection.call(.view) })
            _ = try await first
            return problem
        }
        #expect(problem == .busy)
    }

    @Test func `a cancelled command is let go at once and closes the connection`() throws {
        let (near, far) = PipeStream.pair()
        let connection = SerialEMConnection(near, clock: executor.clock)
        let task = executor.start { await refusal(of: { () throws(MicroscopeError) in _ = try await connection.call(.montage) }) }
        executor.run(for: .seconds(5))
        task.cancel()
        let begun = executor.now
        #expect(try executor.complete { try await task.value } == .cancelled)
        #expect(executor.now == begun)
        #expect(!connection.isOpen)
        #expect(far.waitingBytes == 24)
    }

    @Test func `images go both ways unchanged, in parts where they are large`() throws {
        let small = SerialEMImage(pixel: .int16, width: 3, height: 2, bytes: (0..<12).map { UInt8($0) })
        let large = SerialEMImage(pixel: .uint8, width: 6000, height: 6000, bytes: [UInt8](repeating: 7, count: 36_000_000))
        for image in [small, large] {
            let came = try talk { peer in
                try await peer.readRequest()
                try await peer.send(SerialEMReply.image(image.header).message[...])
                let half = image.header.parts == 1 ? image.bytes.count : 18_000_000
                try await peer.send(image.bytes.prefix(half))
                guard half < image.bytes.count else { return }
                #expect(try await peer.readRequest() == .nextPart)
                try await peer.send(image.bytes.dropFirst(half))
            } _: {
                try await $0.image(in: .a)
            }
            #expect(came == image)
        }
        let put = Mutex<[UInt8]>([])
        try talk { peer in
            try await peer.answerNext(.ready)
            let bytes = try await peer.receive(12)
            put.withLock { $0 = bytes }
            try await peer.answerNext(.outcome(.done([])))
        } _: { connection in
            try await connection.put(small, in: .t, like: .a)
            try await connection.call(.echo, [.text("there")])
        }
        #expect(put.withLock { $0 } == small.bytes)
    }

    @Test func `an empty buffer has no image`() throws {
        let empty = SerialEMImageHeader(mode: 3, rowBytes: 9, width: -4, height: 0, bytes: 0, parts: 77)
        #expect(
            try talk {
                try await $0.answerNext(.image(empty))
            } _: {
                try await $0.image(in: .q)
            } == nil)
    }
}

private func refusal(of body: () async throws(MicroscopeError) -> Void) async -> MicroscopeError? {
    do throws(MicroscopeError) { try await body() } catch { return error }
    return nil
}

extension PipeStream {
    @discardableResult
    fileprivate func readRequest() async throws -> SerialEMRequest {
        let message = try await receiveMessage { try? SerialEMRequest.rest(afterLength: $0) }  // a test's own requests are sound
        guard case .body(let body) = message else { throw ByteStreamEnd("a request") }
        return try SerialEMRequest(body: body[...])
    }

    fileprivate func answerNext(_ reply: SerialEMReply) async throws {
        try await readRequest()
        try await send(reply.message[...])
    }
}
