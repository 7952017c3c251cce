import JSONText
import Testing

@Suite struct JSONTextTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), ("-7", -7), ("1.5", 1.5), ("\"å\"", "å"), ("[]", []), ("{}", [:]),
            (" {\"b\":[1,2.0,null],\"a\":{}} ", ["a": [:], "b": [1, 2.0, nil]]),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("\"\\u0000\"", "\0"),
        ] as [(String, JSONValue)])
    func `a text gives the value it holds`(text: String, value: JSONValue) throws {
        #expect(try JSONText.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "nul", "01", "+1", ".5", "1.", "NaN", "Infinity", "-Infinity",
        "1e999", "9223372036854775808", "[1] 2", "\"\u{1}\"", "\"\\ud800\"", "// no\n1", "\u{FEFF}1", "{\"\\u0000\":1}",
    ])
    func `what is not JSON is refused with its place`(text: String) throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse(text) }
        #expect(problem.kind == .notJSON)
        #expect(problem.line != nil && problem.column != nil)
    }

    @Test func `the place of a fault is named by line and column`() throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse("{\n  \"a\": tru\n}") }
        #expect(problem.line == 2)
        #expect(problem.sentence == "The text is not JSON in line 2, column \(problem.column ?? 0).")
    }

    @Test(arguments: [[0xFF], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONProblem.self) { try JSONText.parse(bytes) }
    }

    @Test(arguments: ["{\"a\":1,\"a\":1}", "{\"\u{E9}\":1,\"e\u{301}\":2}"])
    func `a name given twice is refused`(text: String) throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse(text) }
        #expect(problem.kind == .duplicateKey)
    }

    @Test func `a text may be as deep as the limit and no deeper`() throws {
        let limits = JSONLimits(depth: 3)
        #expect(try JSONText.parse("[[[1]]]", limits: limits) == [[[1]]])
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse("[[{\"a\":[]}]]", limits: limits) }
        #expect(problem.kind == .tooDeep)
        let bottomless = String(repeating: "[", count: 100_000)
        #expect(throws: JSONProblem.self) { try JSONText.parse(bottomless) }
    }

    @Test func `a text may be as long as the limit and no longer`() throws {
        #expect(try JSONText.parse("1234", limits: JSONLimits(bytes: 4)) == 1234)
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse("12345", limits: JSONLimits(bytes: 4)) }
        #expect(problem.kind == .tooLarge)
    }

    @Test(arguments: ["{\"NAME\":1}", "[\"NAME\"]", "{\"a\":{\"b\":\"NAME\"}}"])
    func `a letter with more marks than any writing has is refused to strangers before it is a key`(text: String) throws {
        // As marks of two classes in the wrong order, which to compare takes the square of their number.
        func letter(_ marks: Int) -> [UInt8] {
            let half = marks / 2
            let name = "a" + String(repeating: "\u{301}", count: marks - half) + String(repeating: "\u{323}", count: half)
            return Array(text.utf8).split(separator: Array("NAME".utf8), maxSplits: 1, omittingEmptySubsequences: false)
                .map(Array.init).reduce([]) { $0.isEmpty ? $1 : $0 + name.utf8 + $1 }
        }
        let strangers = JSONLimits(bytes: 1 << 20, depth: 16, marks: 30)
        let problem = try #require(throws: JSONProblem.self) { try JSONText.parse(letter(20_000), limits: strangers) }
        #expect(problem.kind == .notAllowed)
        #expect(throws: JSONProblem.self) { try JSONText.parse(letter(31), limits: strangers) }
        _ = try JSONText.parse(letter(30), limits: strangers)
        // What this program wrote down itself it reads again.
        _ = try JSONText.parse(letter(31))
    }

    @Test func `a name in an object may be as long as the limit, in bytes`() throws {
        let strangers = JSONLimits.foreign(bytes: 1 << 20, depth: 16)
        _ = try JSONText.parse("{\"\(String(repeating: "n", count: 64))\":1}", limits: strangers)
        for name in [String(repeating: "n", count: 65), "e" + String(repeating: "\u{FE0F}", count: 30)] {
            let problem = try #require(throws: JSONProblem.self) { try JSONText.parse("{\"\(name)\":1}", limits: strangers) }
            #expect(problem.kind == .tooLarge)
        }
    }

    @Test(
        arguments: [
            (["b": 1, "a": [true, nil], "A": "x"], #"{"A":"x","a":[true,null],"b":1}"#),
            ([0.1, 1.0, 1e-5, 1e300, .number(.leastNonzeroMagnitude), -0.0], "[0.1,1.0,1e-05,1e+300,5e-324,-0.0]"),
            ("\"\\\n\r\t\u{1F}/é🔬", #""\"\\\n\r\t\u001f/é🔬""#),
            (.number(.infinity), "null"),
        ] as [(JSONValue, String)])
    func `a value has one compact text with sorted names`(value: JSONValue, text: String) {
        #expect(JSONText.write(value) == text)
    }

    @Test(arguments: 0..<200)
    func `what was written reads back equal`(seed: UInt64) throws {
        var numbers = SplitMix(state: seed)
        let value = JSONValue.random(depth: 4, &numbers)
        #expect(try JSONText.parse(JSONText.write(value)) == value)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONValue {
    fileprivate static func random(depth: Int, _ numbers: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &numbers) {
        case 0: return .null
        case 1: return .bool(.random(using: &numbers))
        case 2: return .integer(.random(in: .min ... .max, using: &numbers))
        case 3:
            let number = Double(bitPattern: numbers.next())
            return .number(number.isFinite ? number : 0.5)
        case 4, 5: return .string(randomText(&numbers))
        case 6: return .array((0..<3).map { _ in random(depth: depth - 1, &numbers) })
        default:
            let fields = (0..<3).map { _ in (randomText(&numbers), random(depth: depth - 1, &numbers)) }
            return .object(Dictionary(fields) { first, _ in first })
        }
    }

    private static func randomText(_ numbers: inout SplitMix) -> String {
        let scalars = (0..<6).compactMap { _ in Unicode.Scalar(UInt32.random(in: 1..<0x1_1000, using: &numbers)) }
        return String(String.UnicodeScalarView(scalars))
    }
}
