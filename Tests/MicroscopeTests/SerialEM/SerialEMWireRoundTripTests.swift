import Simulator
import TestSupport
import Testing

@testable import Microscope

@Suite struct SerialEMWireRoundTripTests {
    @Test func `a request is read as it was written`() throws {
        for seed in Seeds.first(500) {
            var source = MessageSource(seed: seed)
            let request = source.request()
            let message = request.message
            #expect(lengthWord(message) == message.count, "seed \(seed)")
            #expect(try SerialEMRequest(body: message[4...]) == request, "seed \(seed)")
        }
    }

    @Test func `an answer is read as it was written`() throws {
        for seed in Seeds.first(500) {
            var source = MessageSource(seed: seed)
            let (reply, request) = source.reply()
            let message = reply.message
            #expect(lengthWord(message) == message.count, "seed \(seed)")
            #expect(try SerialEMReply(body: message[4...], to: request) == reply, "seed \(seed)")
        }
    }

    @Test func `a request that was cut anywhere is refused`() throws {
        for seed in Seeds.first(100) {
            var source = MessageSource(seed: seed)
            let message = source.request(longest: 40).message
            for end in 4..<message.count {
                #expect(throws: SerialEMRefusal.self, "seed \(seed), \(end) bytes") {
                    try SerialEMRequest(body: message[4..<end])
                }
            }
        }
    }

    @Test func `an answer that was cut anywhere is garbage`() throws {
        for seed in Seeds.first(100) {
            var source = MessageSource(seed: seed)
            let (reply, request) = source.reply(longest: 40)
            let message = reply.message
            for end in 4..<message.count {
                #expect(throws: SerialEMGarbage.self, "seed \(seed), \(end) bytes") {
                    try SerialEMReply(body: message[4..<end], to: request)
                }
            }
        }
    }

    @Test func `bytes that are not UTF-8 are read as Latin 1`() throws {
        var message = SerialEMRequest.command(code: 349, arguments: [.text("caf?")]).message
        message[try #require(message.lastIndex(of: UInt8(ascii: "?")))] = 0xE9
        #expect(try SerialEMRequest(body: message[4...]) == .command(code: 349, arguments: [.text("café")]))
    }

    @Test func `what stands behind a zero in a text is not sent`() throws {
        let message = SerialEMRequest.command(code: 349, arguments: [.text("one\0two")]).message
        #expect(try SerialEMRequest(body: message[4...]) == .command(code: 349, arguments: [.text("one")]))
    }

    @Test func `the longest texts fit both ways`() throws {
        let text = String(repeating: "x", count: 5000)
        let request = SerialEMRequest.command(code: 349, arguments: Array(repeating: .text(text), count: 19))
        #expect(try SerialEMRequest(body: request.message[4...]) == request)
        let reply = SerialEMReply.outcome(.done(Array(repeating: .text(text), count: 6)))
        #expect(try SerialEMReply(body: reply.message[4...], to: request) == reply)
    }

    private func lengthWord(_ message: [UInt8]) -> Int {
        message.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

/// Messages as varied as there may be.
struct MessageSource {
    private var chance: TestSupport.SeededGenerator

    init(seed: UInt64) { chance = TestSupport.SeededGenerator(seed: seed) }

    mutating func request(longest: Int = 5000) -> SerialEMRequest {
        switch Int.random(in: 0..<10, using: &chance) {
        case 0: .okToRun
        case 1: .nextPart
        case 2: .image(buffer: long(), isFFT: .random(using: &chance))
        case 3:
            .put(
                SerialEMPut(
                    mode: long(), width: long(), height: long(), bytes: long(), buffer: long(), base: long(), moreBinning: long(),
                    capture: long(), parts: long()))
        default:
            .command(code: long(), arguments: list(upTo: 19) { $0.argument(longest) })
        }
    }

    mutating func reply(longest: Int = 5000) -> (SerialEMReply, SerialEMRequest) {
        let command = SerialEMRequest.command(code: 293, arguments: [])
        return switch Int.random(in: 0..<12, using: &chance) {
        case 0: (.okToRun(.random(using: &chance)), .okToRun)
        case 1: (.ready, .put(SerialEMWireTests.put))
        case 2: (.refused(.random(in: Int32.min ... -1, using: &chance)), command)
        case 3: (.image(header()), .image(buffer: 0, isFFT: false))
        case 4: (.outcome(.failed(.random(using: &chance) ? text(longest) : nil)), command)
        case 5: (.outcome(.exited(isNormal: .random(using: &chance))), command)
        case 6: (.outcome(.stopped), command)
        default: (.outcome(.done(list(upTo: 6) { $0.value(longest) })), command)
        }
    }

    private mutating func header() -> SerialEMImageHeader {
        let pixel = SerialEMPixel.allCases.randomElement(using: &chance) ?? .uint8
        let width = Int32.random(in: 1...8192, using: &chance)
        let height = Int32.random(in: 1...8192, using: &chance)
        let row = width * Int32(pixel.bytes)
        return SerialEMImageHeader(
            mode: pixel.rawValue, rowBytes: row, width: width, height: height, bytes: row * height,
            parts: SerialEMImageHeader.parts(of: Int(row * height)))
    }

    private mutating func argument(_ longest: Int) -> SerialEMArgument {
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: .integer(Int(long()))
        case 1: .real(number())
        default: .text(text(longest))
        }
    }

    private mutating func value(_ longest: Int) -> SerialEMValue {
        .random(using: &chance) ? .number(number()) : .text(text(longest))
    }

    private mutating func list<Element>(upTo most: Int, _ make: (inout Self) -> Element) -> [Element] {
        (0..<Int.random(in: 0...most, using: &chance)).map { _ in make(&self) }
    }

    private mutating func long() -> Int32 { .random(in: .min ... .max, using: &chance) }

    /// Of every size; one that is no number would not equal itself.
    private mutating func number() -> Double {
        let number = Double(bitPattern: chance.next())
        return number.isNaN ? 0 : number
    }

    /// Often empty, sometimes long, of one to four bytes a letter.
    private mutating func text(_ longest: Int) -> String {
        let alphabets = [" azAZ09._-:\\\r\n", "éüµÅ±", "日本語", "🔬𝒳", "a̐e\u{301}"]
        let letters = Array((alphabets.randomElement(using: &chance) ?? "").unicodeScalars)
        let count = [0, 1, .random(in: 0...min(80, longest), using: &chance), longest].randomElement(using: &chance) ?? 0
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &chance)] })
        return String(scalars)
    }
}
