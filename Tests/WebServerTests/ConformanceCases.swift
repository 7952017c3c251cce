/// By the sections of the Autobahn suite; the names begin with its numbers.
enum ConformanceCases {
    private typealias Case = ConformanceCase
    private typealias Frames = [(first: UInt8, payload: [UInt8])]
    // First bytes: the flag of the last part, and the opcode.
    private static let (text, binary, close, ping, pong): (UInt8, UInt8, UInt8, UInt8, UInt8) = (0x81, 0x82, 0x88, 0x89, 0x8A)
    private static let (textBegins, goesOn, ends): (UInt8, UInt8, UInt8) = (0x01, 0x00, 0x80)
    private static let broken = Case.End.failed([1002])

    private static func bytes(_ words: String) -> [UInt8] { Array(words.utf8) }

    // MARK: - 1. Framing

    static var framing: [ConformanceCase] {
        let sizes = [0, 125, 126, 127, 128, 65_535, 65_536]
        let whole = sizes.enumerated().flatMap { number, size in
            let payload = [UInt8](repeating: 0x2A, count: size)
            return [
                Case("1.1.\(number + 1) text of \(size)", [(text, payload)], answers: [.text(payload)]),
                Case(
                    "1.2.\(number + 1) binary of \(size)", [(binary, [UInt8](repeating: 0xFE, count: size))],
                    answers: [.binary([UInt8](repeating: 0xFE, count: size))]),
            ]
        }
        return whole + whole.suffix(2).map { $0.chopped(by: 997) }
    }

    // MARK: - 2. Pings and pongs

    static var pings: [ConformanceCase] {
        let strange: [UInt8] = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF]
        let long = [UInt8](repeating: 0xFE, count: 125)
        return [
            Case("2.1 empty", [(ping, [])], answers: [.init(kind: .pong, payload: [])]),
            Case("2.2 with words", [(ping, bytes("Hello, world!"))], answers: [.pong("Hello, world!")]),
            Case("2.3 that are no text", [(ping, strange)], answers: [.init(kind: .pong, payload: strange)]),
            Case("2.4 of 125", [(ping, long)], answers: [.init(kind: .pong, payload: long)]),
            Case("2.5 of 126", [(ping, long + [0xFE])], end: broken),
            Case("2.6 of 125, byte by byte", [(ping, long)], chop: 1, answers: [.init(kind: .pong, payload: long)]),
            Case("2.7 an empty pong that nobody asked for", [(pong, [])]),
            Case("2.8 a pong that nobody asked for", [(pong, bytes("unsolicited"))]),
            Case(
                "2.9 such a pong, then a ping", [(pong, bytes("unsolicited")), (ping, bytes("ours"))], answers: [.pong("ours")]),
        ]
    }

    // MARK: - 3. Reserved bits

    static var reservedBits: [ConformanceCase] {
        let hello = bytes("Hello, world!")
        let later: Frames = [(text, hello), (0xA1, hello), (ping, [])]
        return [
            Case("3.1 the first, in a text", [(0xC1, hello)], end: broken),
            Case("3.2 the second, after a good text", later, answers: [.text(hello)], end: broken),
            Case(
                "3.3 the third, after a good text", [(text, hello), (0x91, hello), (ping, [])], answers: [.text(hello)],
                end: broken),
            Case(
                "3.4 two, byte by byte", [(text, hello), (0xB1, hello), (ping, [])], chop: 1, answers: [.text(hello)], end: broken
            ),
            Case("3.5 two, in a binary", [(0xD2, [0, 0xFF])], end: broken),
            Case("3.6 two, in a ping", [(0xE9, hello)], end: broken),
            Case("3.7 all, in a close", [(0xF8, [3, 232])], end: broken),
        ]
    }

    // MARK: - 4. Opcodes

    static var opcodes: [ConformanceCase] {
        let hello = bytes("Hello, world!")
        let unknown: [UInt8] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]
        return unknown.flatMap { opcode in
            [
                Case("4 opcode \(opcode), empty", [(0x80 | opcode, [])], end: broken),
                Case("4 opcode \(opcode), with words", [(0x80 | opcode, hello)], end: broken),
                Case(
                    "4 opcode \(opcode) after a text, then a ping", [(text, hello), (0x80 | opcode, hello), (ping, [])],
                    answers: [.text(hello)], end: broken),
                Case(
                    "4 opcode \(opcode) after a text, byte by byte", [(text, hello), (0x80 | opcode, hello), (ping, [])], chop: 1,
                    answers: [.text(hello)], end: broken),
            ]
        }
    }

    // MARK: - 5. Fragments

    static var fragments: [ConformanceCase] {
        let (one, two) = (bytes("fragment1"), bytes("fragment2"))
        let both = RawWebSocket.Frame.text(one + two)
        let inTwo: Frames = [(textBegins, one), (ends, two)]
        let withPing: Frames = [(textBegins, one), (ping, bytes("between")), (ends, two)]
        let withPings: Frames = [
            (textBegins, one), (goesOn, two), (ping, bytes("first")), (goesOn, one), (goesOn, []), (ping, bytes("second")),
            (ends, two),
        ]
        let answersToPings: [RawWebSocket.Frame] = [.pong("first"), .pong("second"), .text(one + two + one + two)]
        let good = [
            Case("5.3 a text in two parts", inTwo, answers: [both]),
            Case("5.6 with a ping between", withPing, answers: [.pong("between"), both]),
            Case("5.19 five parts, two pings", withPings, answers: answersToPings),
            Case("5 parts without a byte", [(textBegins, []), (goesOn, []), (ends, [])], answers: [.text([])]),
            Case("5 a binary in three parts", [(0x02, [1]), (goesOn, [2]), (ends, [3])], answers: [.binary([1, 2, 3])]),
        ]
        let bad = [
            Case("5.1 a ping in two parts", [(0x09, one), (ends, two)], end: broken),
            Case("5.2 a pong in two parts", [(0x0A, one), (ends, two)], end: broken),
            Case("5.9 an end of nothing, then a text", [(ends, one), (text, two)], end: broken),
            Case("5.12 a part of nothing, then a text", [(goesOn, one), (text, two)], end: broken),
            Case(
                "5.15 a part of nothing after a whole message", inTwo + [(goesOn, one), (text, two)], answers: [both], end: broken
            ),
            Case("5.16 parts of nothing, twice", [(goesOn, one), (text, two), (goesOn, one), (text, two)], end: broken),
            Case("5.17 ends of nothing, twice", [(ends, one), (text, two), (ends, one), (text, two)], end: broken),
            Case("5.18 a second beginning", [(textBegins, one), (text, two)], end: broken),
            Case("5 a binary begins within a text", [(textBegins, one), (0x02, two)], end: broken),
            Case("5 a close in two parts", [(0x08, [3]), (ends, [232])], end: broken),
        ]
        return (good + bad).flatMap { [$0, $0.chopped(by: 1), $0.chopped(by: 7)] }
    }

    // MARK: - 6. UTF-8

    private static let kosme: [UInt8] = [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5]

    /// A frame for each byte.
    private static func apart(_ payload: [UInt8]) -> Frames {
        payload.enumerated().map { number, byte in
            ((number == 0 ? UInt8(1) : 0) | (number == payload.count - 1 ? 0x80 : 0), [byte])
        }
    }

    static var validText: [ConformanceCase] {
        let texts: [(String, [UInt8])] = [
            ("6.2 accents", bytes("Hello-µ@ßöäüàá-UTF-8!!")), ("6.5 κόσμε", kosme), ("6.6.2 the first of one byte", [0]),
            ("6.6.5 of two", [0xC2, 0x80]), ("6.6.7 of three", [0xE0, 0xA0, 0x80]), ("6.6.9 of four", [0xF0, 0x90, 0x80, 0x80]),
            ("6.7.1 the last of one byte", [0x7F]), ("6.7.2 of two", [0xDF, 0xBF]), ("6.7.3 of three", [0xEF, 0xBF, 0xBF]),
            ("6.7.4 of four", [0xF4, 0x8F, 0xBF, 0xBF]), ("6.9.1 before the surrogates", [0xED, 0x9F, 0xBF]),
            ("6.9.2 behind them", [0xEE, 0x80, 0x80]), ("6.9.3 the replacement", [0xEF, 0xBF, 0xBD]),
            ("6.22.1 no character", [0xEF, 0xBF, 0xBE]), ("6.22.3 no character of the first plane", [0xF0, 0x9F, 0xBF, 0xBE]),
            ("6.22.34 of the last", [0xF4, 0x8F, 0xBF, 0xBE]), ("6.23.1 a special one", [0xEF, 0xBF, 0xB9]),
            ("6.23.2 another", [0xEF, 0xBF, 0xBA]), ("6.23.7 marks over a letter", bytes("a\u{301}\u{323}")),
        ]
        let empty = [
            Case("6.1.1 nothing", [(text, [])], answers: [.text([])]),
            Case("6.1.2 nothing in three parts", [(textBegins, []), (goesOn, []), (ends, [])], answers: [.text([])]),
            Case("6.1.3 words between nothings", [(textBegins, []), (goesOn, kosme), (ends, [])], answers: [.text(kosme)]),
        ]
        return empty
            + texts.flatMap { name, payload in
                [
                    Case(name, [(text, payload)], answers: [.text(payload)]),
                    Case("\(name), a frame for each byte", apart(payload), answers: [.text(payload)]),
                    Case("\(name), byte by byte", [(text, payload)], chop: 1, answers: [.text(payload)]),
                ]
            }
    }

    private static let invalid: [(String, [UInt8])] = [
        ("6.3 a surrogate behind words", kosme + [0xED, 0xA0, 0x80] + bytes("edited")),
        ("6.4 too large", kosme + [0xF4, 0x90, 0x80, 0x80]),
        ("6.6.1 cut after one byte of two", [0xC2]), ("6.6.3 after one of three", [0xE0]),
        ("6.6.4 after two of three", [0xE0, 0xA0]),
        ("6.6.6 after one of four", [0xF0]), ("6.6.8 after two of four", [0xF0, 0x90]),
        ("6.6.10 after three of four", [0xF0, 0x90, 0x80]),
        ("6.8.1 five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]), ("6.8.2 six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]),
        ("6.10.1 beyond the last", [0xF7, 0xBF, 0xBF, 0xBF]), ("6.10.2 far beyond it", [0xFB, 0xBF, 0xBF, 0xBF, 0xBF]),
        ("6.11.5 just beyond it", [0xF4, 0x90, 0x80, 0x80]), ("6.12.1 a lonely continuation", [0x80]),
        ("6.12.2 the last one", [0xBF]),
        ("6.12.4 several", [0x80, 0xBF, 0x80, 0xBF, 0x80]), ("6.13.1 lonely beginnings of two", [0xC0, 0x20, 0xDF, 0x20]),
        ("6.13.2 of three", [0xE0, 0x20, 0xEF, 0x20]), ("6.13.3 of four", [0xF0, 0x20, 0xF7, 0x20]),
        ("6.14.2 an incomplete one before words", [0xE0, 0x80] + bytes("a")),
        ("6.15 incomplete ones in a row", [0xC3, 0xE2, 0x82, 0xF0, 0x9F]),
        ("6.16.1 impossible", [0xFE]), ("6.16.2 impossible, too", [0xFF]), ("6.16.3 both", [0xFE, 0xFE, 0xFF, 0xFF]),
        ("6.17.1 a slash in two", [0xC0, 0xAF]), ("6.17.2 in three", [0xE0, 0x80, 0xAF]),
        ("6.17.3 in four", [0xF0, 0x80, 0x80, 0xAF]),
        ("6.18.1 the longest too long, of two", [0xC1, 0xBF]), ("6.18.2 of three", [0xE0, 0x9F, 0xBF]),
        ("6.18.3 of four", [0xF0, 0x8F, 0xBF, 0xBF]), ("6.19.1 zero in two", [0xC0, 0x80]),
        ("6.19.2 in three", [0xE0, 0x80, 0x80]),
        ("6.19.3 in four", [0xF0, 0x80, 0x80, 0x80]), ("6.20.1 the first surrogate", [0xED, 0xA0, 0x80]),
        ("6.20.4 the last high one", [0xED, 0xAF, 0xBF]), ("6.20.7 the last", [0xED, 0xBF, 0xBF]),
        ("6.21.1 a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]),
        ("6.21.8 another pair", [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF]),
    ]

    static var invalidText: [ConformanceCase] {
        let end = Case.End.failed([1007])
        let early: [(String, Frames)] = [
            // The message never ends, so whoever waits for that waits for ever.
            ("6.4.1 seen before the message ends", [(textBegins, kosme), (goesOn, [0xF4, 0x90, 0x80, 0x80])]),
            ("6.4.2 seen before the character ends", [(textBegins, kosme), (goesOn, [0xF4]), (goesOn, [0x90])]),
            ("6.4 seen within one that two frames share", [(textBegins, [0xED]), (goesOn, [0xA0])]),
        ]
        return early.map { Case($0, $1, end: end) }
            + invalid.flatMap { name, payload in
                let alone = payload.count == 1
                return [
                    Case(name, [(text, payload)], end: end),
                    Case(
                        "\(name), a frame for each byte", alone ? [(textBegins, payload), (ends, [])] : apart(payload), end: end),
                    Case("\(name), byte by byte", [(text, payload)], chop: 1, end: end),
                ]
            }
    }

    // MARK: - 7. Closing

    private static func code(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] { [UInt8(code >> 8), UInt8(code & 255)] + reason }

    static var closing: [ConformanceCase] {
        let hello = bytes("Hello, world!")
        let normal: (first: UInt8, payload: [UInt8]) = (close, code(1000))
        let large = [UInt8](repeating: 0x2A, count: 256 << 10)
        let valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
        let invalid = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999]
        return [
            Case("7.1.1 a text, then a close", [(text, hello), normal], answers: [.text(hello)], end: .closed(1000)),
            Case("7.1.2 two closes", [normal, normal], end: .closed(1000)),
            Case("7.1.3 a ping behind a close", [normal, (ping, hello)], end: .closed(1000)),
            Case("7.1.4 a text behind a close", [normal, (text, hello)], end: .closed(1000)),
            Case("7.1.5 a close within a message", [(textBegins, hello), normal, (ends, hello)], end: .closed(1000)),
            Case(
                "7.1.6 a large text, a close, a ping", [(text, large), normal, (ping, [])], answers: [.text(large)],
                end: .closed(1000)),
            Case("7.3.1 a close without a code", [(close, [])], end: .closed(nil)),
            Case("7.3.2 half a code", [(close, [3])], end: .failed([1002])),
            Case("7.3.3 a code alone", [normal], end: .closed(1000)),
            Case("7.3.4 a code and a reason", [(close, code(1000, hello))], end: .closed(1000)),
            Case("7.3.5 the longest reason", [(close, code(1000, [UInt8](repeating: 0x2A, count: 123)))], end: .closed(1000)),
            Case("7.3.6 a longer one", [(close, code(1000, [UInt8](repeating: 0x2A, count: 124)))], end: .failed([1002])),
            Case("7.5.1 a reason that is no text", [(close, code(1000, kosme + [0xED, 0xA0, 0x80]))], end: .failed([1007])),
        ]
            // Of which the RFC says nothing; the suite reports and does not judge.
            + [5000, 65_535].map { Case("7.13 code \($0)", [(close, code($0))], end: .closed($0)) }
            + valid.map { Case("7.7 code \($0)", [(close, code($0))], end: .closed($0)) }
            + invalid.map { Case("7.9 code \($0)", [(close, code($0))], end: .failed([1002])) }
            + invalid.map { Case("7.9 code \($0) with a reason", [(close, code($0, hello))], end: .failed([1002])) }
    }

    // MARK: - 9. Sizes

    static var sizes: [ConformanceCase] {
        let whole = [64 << 10, 256 << 10, 1 << 20, 4 << 20].flatMap { size -> [ConformanceCase] in
            let payload = [UInt8](repeating: 0x2A, count: size)
            return [
                Case("9.1 text of \(size)", [(text, payload)], answers: [.text(payload)]),
                Case("9.2 binary of \(size)", [(binary, payload)], answers: [.binary(payload)]),
            ]
        }
        let payload = [UInt8](repeating: 0x2A, count: 1 << 20)
        let inParts = [64, 256, 1024, 4096, 16_384, 65_536, 262_144].flatMap { size -> [ConformanceCase] in
            let parts = stride(from: 0, to: payload.count, by: size).map { begin -> (first: UInt8, payload: [UInt8]) in
                ((begin == 0 ? 1 : 0) | (begin + size >= payload.count ? 0x80 : 0), Array(payload[begin..<begin + size]))
            }
            let inBinary = [(first: parts[0].first + 1, payload: parts[0].payload)] + parts.dropFirst()
            return [
                Case("9.3 text in parts of \(size)", parts, answers: [.text(payload)]),
                Case("9.4 binary in parts of \(size)", inBinary, answers: [.binary(payload)]),
            ]
        }
        let chopped = [64, 128, 256, 512, 1024, 2048].flatMap { (size: Int) -> [ConformanceCase] in
            [
                Case("9.5 text in pieces of \(size)", [(text, payload)], chop: size, answers: [.text(payload)]),
                Case("9.6 binary in pieces of \(size)", [(binary, payload)], chop: size, answers: [.binary(payload)]),
            ]
        }
        return whole + inParts + chopped
    }
}
