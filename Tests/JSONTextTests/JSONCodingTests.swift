import Foundation
import JSONText
import Testing

@Suite struct JSONCodingTests {
    @Test func `a type of every kind comes back as it went`() throws {
        let sample = Sample(
            name: "å\n", count: .max, share: 0.1, thin: 0.1, isOpen: true, kind: .thick, at: Date(timeIntervalSince1970: 0.25),
            note: nil, holes: [1, 2], named: ["b": .plain, "a": .tilted(degrees: -30)], free: ["x": [1, nil]])
        let text = try JSONText.encode(sample)
        #expect(
            text == #"{"at":"1970-01-01T00:00:00.250Z","count":9223372036854775807,"free":{"x":[1,null]},"holes":[1,2],"#
                + #""isOpen":true,"kind":"thick","name":"å\n","named":{"a":{"tilted":{"degrees":-30.0}},"b":{"plain":{}}},"#
                + #""share":0.1,"thin":0.1}"#)
        #expect(try JSONText.decode(Sample.self, from: text) == sample)
        #expect(try JSONText.decode(Sample.self, from: Array(text.utf8)) == sample)
        #expect(try JSONText.decode(Sample.self, from: JSONText.value(of: sample)) == sample)
        #expect(try JSONText.value(of: sample) == JSONText.parse(text))
    }

    @Test(arguments: [
        (#"{}"#, "grids is missing."),
        (#"{"grids":[{"name":"a","slot":1},{"slot":2}]}"#, "grids[1].name is missing."),
        (#"{"grids":[{"name":5,"slot":1}]}"#, "grids[0].name is a whole number where text belongs."),
        (#"{"grids":[{"name":null,"slot":1}]}"#, "grids[0].name is null where text belongs."),
        (#"{"grids":[{"name":"a","slot":1.5}]}"#, "grids[0].slot is a number where a whole number belongs."),
        (#"{"grids":[{"name":"a","slot":300}]}"#, "grids[0].slot is 300; it may be 0 to 255."),
        (
            #"{"grids":[{"name":"a","slot":1,"kind":"odd"}]}"#,
            "grids[0].kind is \"odd\", which is not one of the values it may have."
        ),
        (
            #"{"grids":[{"name":"a","slot":1,"at":"today"}]}"#,
            "grids[0].at is not a time like 2026-11-22T21:06:42.123Z."
        ),
        (#"{"grids":{}}"#, "grids is an object where a list belongs."),
        (#"[]"#, "The text is a list where an object belongs."),
    ])
    func `a value that does not fit is named with its place`(text: String, sentence: String) throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.decode(Cassette.self, from: text) }
        #expect(problem.sentence == sentence)
    }

    @Test func `a whole number serves as a double and a whole double as a number`() throws {
        #expect(try JSONText.decode([Double].self, from: "[1]") == [1])
        #expect(try JSONText.decode([Int].self, from: "[2.0]") == [2])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that is not finite is refused with its place`(number: Double) throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.encode(["shares": [1, number]]) }
        #expect(problem.sentence == "shares[1] is not a finite number.")
    }

    @Test func `a number beyond 64 bits is refused`() throws {
        let problem = try #require(throws: JSONProblem.self) { try JSONText.encode(["big": UInt64.max]) }
        #expect(problem.sentence == "big is beyond 64 bits with a sign.")
    }

    @Test func `what a type itself throws arrives unchanged`() {
        #expect(throws: Refusal.self) { try JSONText.decode(Picky.self, from: "1") }
    }

    @Test func `a class and its parent are both written`() throws {
        #expect(try JSONText.encode(Child()) == #"{"own":2,"super":{"base":1}}"#)
    }

    @Test func `a list at the root, a bare text and a missing value can be coded`() throws {
        #expect(try JSONText.encode([1, 2]) == "[1,2]")
        #expect(try JSONText.encode("x") == #""x""#)
        #expect(try JSONText.encode(Int?.none) == "null")
        #expect(try JSONText.decode([Int?].self, from: "[1,null]") == [1, nil])
        #expect(try JSONText.decode([Int: String].self, from: #"{"4":"x"}"#) == [4: "x"])
    }
}

private struct Sample: Codable, Equatable {
    enum Kind: String, Codable { case thick, thin }
    enum Shape: Codable, Equatable {
        case plain
        case tilted(degrees: Double)
    }

    var name: String
    var count: Int64
    var share: Double
    var thin: Float
    var isOpen: Bool
    var kind: Kind
    var at: Date
    var note: String?
    var holes: [Int32]
    var named: [String: Shape]
    var free: JSONValue
}

private struct Cassette: Codable {
    struct Grid: Codable {
        var name: String
        var slot: UInt8
        var kind: Sample.Kind?
        var at: Date?
    }
    var grids: [Grid]
}

private struct Refusal: Error {}

private struct Picky: Decodable {
    init(from decoder: any Decoder) throws { throw Refusal() }
}

private class Base: Encodable {
    private enum Key: String, CodingKey { case base }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: .base)
    }
}

private final class Child: Base {
    private enum Key: String, CodingKey { case own }
    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(2, forKey: .own)
        try super.encode(to: container.superEncoder())
    }
}
