import Testing

@testable import Microscope

/// Exchanges that were captured between SerialEM's own Python module and its peer.
@Suite struct SerialEMWireTests {
    /// What a message says, and its bytes; 0 where the capture had rubbish behind the last string.
    static let requests: [(SerialEMRequest, String)] = [
        (.okToRun, "08000000 03000000"),
        (.nextPart, "08000000 02000000"),
        (.image(buffer: 0, isFFT: false), "10000000 04000000 00000000 00000000"),
        (.put(SerialEMWireTests.put), put44),
        (.command(code: 293, arguments: []), "18000000 01000000 25010000 00000000 01000000 00000000"),
        (
            .command(code: 286, arguments: [.real(12.5), .real(-3.25)]),
            """
            48000000 01000000 1e010000 02000000 0d000000 000000000000000000000000
            0000000000000000 0000000000002940 0000000000000ac0 00 31322e3500 2d332e323500 00000000
            """
        ),
        (
            .command(code: 405, arguments: [.integer(3)]),
            "34000000 01000000 95010000 01000000 08000000 0000000000000000 0000000000000000 0000000000000840 00 3300 0000000000"
        ),
        (
            .command(code: 8, arguments: [.real(1)]),
            "34000000 01000000 08000000 01000000 08000000 0000000000000000 0000000000000000 000000000000f03f 00 312e00 00000000"
        ),
    ]
    static let put = SerialEMPut(
        mode: 0, width: 96, height: 64, bytes: 6144, buffer: 16, base: 0, moreBinning: 1, capture: -1, parts: 1)
    static let put44 = """
        2c000000 05000000 00000000 60000000 40000000 00180000
        10000000 00000000 01000000 ffffffff 01000000
        """

    @Test func `a text of SerialEM is quick to compare, whatever it holds`() throws {
        let letter = "a" + String(repeating: "\u{301}", count: 2000) + String(repeating: "\u{323}", count: 2000)
        let message = SerialEMReply.outcome(.done([.text(letter)])).message
        guard case .outcome(.done(let values)) = try SerialEMReply(body: message.dropFirst(4), to: Self.command),
            case .text(let text)? = values.first
        else {
            Issue.record("another reply")
            return
        }
        #expect(text.unicodeScalars.count == 31)
    }

    static let command = SerialEMRequest.command(code: 293, arguments: [])
    static let replies: [(SerialEMReply, SerialEMRequest, String)] = [
        (.okToRun(true), .okToRun, "0c000000 00000000 01000000"),
        (.outcome(.done([])), command, "18000000 00000000 ffffffff 00000000 01000000 00000000"),
        (.outcome(.exited(isNormal: false)), command, "18000000 00000000 ffffffff 0f04f6ff 01000000 00000000"),
        (
            .outcome(.done([.number(1), .text("grid3")])), command,
            """
            34000000 00000000 01000000 00000000 08000000
            00000000 01000000 000000000000f03f 0000000000000000 677269643300 0000
            """
        ),
        (
            .image(SerialEMImageHeader(mode: 1, rowBytes: 1024, width: 512, height: 512, bytes: 524_288, parts: 1)),
            .image(buffer: 0, isFFT: false),
            "20000000 00000000 01000000 00040000 00020000 00020000 00000800 01000000"
        ),
        (.ready, .put(put), "08000000 00000000"),
        (.refused(-9), command, "08000000 f7ffffff"),
        (.refused(-10), .okToRun, "08000000 f6ffffff"),
    ]

    @Test(arguments: requests) func `a request is written as the module writes it`(request: SerialEMRequest, hex: String) {
        #expect(request.message == bytes(hex))
    }

    @Test(arguments: requests) func `a request is read as it was meant`(request: SerialEMRequest, hex: String) throws {
        #expect(try SerialEMRequest(body: bytes(hex)[4...]) == request)
    }

    @Test(arguments: replies) func `an answer is written as it was captured`(
        reply: SerialEMReply, request: SerialEMRequest, hex: String
    ) {
        #expect(reply.message == bytes(hex))
    }

    @Test(arguments: replies) func `an answer is read as it was meant`(
        reply: SerialEMReply, request: SerialEMRequest, hex: String
    ) throws {
        #expect(try SerialEMReply(body: bytes(hex)[4...], to: request) == reply)
    }

    @Test func `a failure is written with its text and the line of the command`() {
        let text = "Attempt to tilt too high in script, to 200.0 degrees, in line:\r\n\r\nTiltTo(200.)"
        let head = bytes("74000000 00000000 00000000 01000000 18000000 01000000 0000000000000000")
        let padding = [UInt8](repeating: 0, count: 0x74 - head.count - text.utf8.count)
        #expect(SerialEMReply.outcome(.failed(text)).message == head + Array(text.utf8) + padding)
    }

    @Test func `rubbish behind a request without arguments is not looked at`() throws {
        let body = bytes("01000000 25010000 00000000 01000000 00b63ef6")[...]
        #expect(try SerialEMRequest(body: body) == .command(code: 293, arguments: []))
    }

    @Test func `rubbish behind the last string is not looked at`() throws {
        let body = bytes(
            "01000000 95010000 01000000 08000000 0000000000000000 0000000000000000 0000000000000840 00 3300 006811fff6")[...]
        #expect(try SerialEMRequest(body: body) == .command(code: 405, arguments: [.integer(3)]))
    }

    @Test(arguments: [(1, "1."), (200, "200."), (0.1234567891, "0.123457"), (-1e-7, "-0."), (-3.25, "-3.25")])
    func `a real number keeps its point`(number: Double, text: String) {
        #expect(SerialEMArgument.real(number) == SerialEMArgument(number: number, text: text))
    }

    @Test(arguments: [("grid3", 0), ("12.5 um", 12.5), ("", 0)])
    func `a text brings the number that it begins with`(text: String, number: Double) {
        #expect(SerialEMArgument.text(text).number == number)
    }
}

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter(\.isHexDigit).map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
