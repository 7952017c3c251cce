import Foundation

/// What an encoder has collected: a value, or a container that may still grow.
enum Piece {
    case ready(JSONValue)
    case object(ObjectParts)
    case list(ListParts)
    /// Of an encoder that was handed out and is asked only at the end.
    case later(ValueEncoder)

    var value: JSONValue {
        switch self {
        case .ready(let value): value
        case .object(let parts):
            .object(Dictionary(parts.fields.lazy.map { ($0.key, $0.value.value) }) { _, last in last })
        case .list(let parts): .array(parts.items.map(\.value))
        case .later(let encoder): encoder.whole.value
        }
    }
}

final class ObjectParts {
    var fields: [(key: String, value: Piece)] = []

    /// Of a name that was encoded twice, as by a class and its parent, the last counts.
    func sorted() -> [(key: String, value: Piece)] {
        let sorted = fields.sorted { $0.key < $1.key }
        guard zip(sorted, sorted.dropFirst()).contains(where: { $0.key == $1.key }) else { return sorted }
        let unique = Dictionary(fields) { _, last in last }
        return unique.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }
}

final class ListParts {
    var items: [Piece] = []
}

extension JSONWriter {
    mutating func write(_ piece: Piece) {
        switch piece {
        case .ready(let value): write(value)
        case .object(let parts): object(parts.sorted()) { $0.write($1) }
        case .list(let parts): list(parts.items) { $0.write($1) }
        case .later(let encoder): write(encoder.whole)
        }
    }
}

/// Swift's side of encoding: collects pieces, which are written or turned into a value at the end.
final class ValueEncoder: Encoder {
    var piece: Piece?
    /// A type that encodes nothing gives an empty object, as Foundation has it.
    var whole: Piece { piece ?? .object(ObjectParts()) }
    let trail: CodingTrail?
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(trail: CodingTrail?) { self.trail = trail }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(ObjectEncoder<Key>(parts: objectParts, trail: trail))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        ListEncoder(parts: listParts, trail: trail)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleEncoder(encoder: self)
    }

    private var objectParts: ObjectParts {
        if case .object(let parts) = piece { return parts }
        let parts = ObjectParts()
        piece = .object(parts)
        return parts
    }

    private var listParts: ListParts {
        if case .list(let parts) = piece { return parts }
        let parts = ListParts()
        piece = .list(parts)
        return parts
    }
}

extension ValueEncoder {
    static func piece<T: Encodable>(of value: T, trail: @autoclosure () -> CodingTrail?) throws -> Piece {
        if T.self == String.self, let text = value as? String { return .ready(.string(text)) }
        if T.self == Double.self, let number = value as? Double { return try piece(of: number, trail: trail()) }
        if T.self == Int.self, let integer = value as? Int { return .ready(.integer(integer)) }
        if T.self == JSONValue.self, let value = value as? JSONValue { return .ready(value) }
        if T.self == Date.self, let date = value as? Date { return try piece(of: date, trail: trail()) }
        let encoder = ValueEncoder(trail: trail())
        try value.encode(to: encoder)
        return encoder.whole
    }

    static func piece(of number: Double, trail: @autoclosure () -> CodingTrail?) throws -> Piece {
        guard number.isFinite else { throw refusal(number, "is not a finite number", trail()) }
        return .ready(.number(number))
    }

    /// The shortest text of a `Float` is that of another `Double` than its own.
    static func piece(of number: Float, trail: @autoclosure () -> CodingTrail?) throws -> Piece {
        try piece(of: Double(number.description) ?? Double(number), trail: trail())
    }

    static func piece<I: FixedWidthInteger>(of integer: I, trail: @autoclosure () -> CodingTrail?) throws -> Piece {
        guard let exact = Int(exactly: integer) else { throw refusal(integer, "is beyond 64 bits with a sign", trail()) }
        return .ready(.integer(exact))
    }

    private static func piece(of date: Date, trail: @autoclosure () -> CodingTrail?) throws -> Piece {
        guard let text = UTCTime.text(of: date) else { throw refusal(date, "is outside the years 0 to 9999", trail()) }
        return .ready(.string(text))
    }

    private static func refusal(_ value: Any, _ what: String, _ trail: CodingTrail?) -> EncodingError {
        .invalidValue(value, .init(codingPath: CodingTrail.path(trail), debugDescription: what))
    }
}
