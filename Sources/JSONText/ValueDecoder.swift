import Foundation

/// Swift's side of decoding: reads from a value that is already there.
struct ValueDecoder: Decoder {
    let value: JSONValue
    let trail: CodingTrail?
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let fields) = value else { throw wrongKind("an object") }
        return KeyedDecodingContainer(ObjectDecoder<Key>(fields: fields, trail: trail))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw wrongKind("a list") }
        return ListDecoder(items: items, trail: trail)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        if case .null = value { true } else { false }
    }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let bool) = value else { throw wrongKind("true or false") }
        return bool
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw wrongKind("text") }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = value.double else { throw wrongKind("a number") }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float {
        let number = Float(try decode(Double.self))
        guard number.isFinite else { throw refusal(.notAllowed, "is too large") }
        return number
    }

    func decode(_ type: Int.Type) throws -> Int { try whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == Date.self, let date = try date() as? T { return date }
        if type == JSONValue.self, let value = value as? T { return value }
        return try T(from: self)
    }

    private func whole<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
        guard let integer = value.int else { throw wrongKind("a whole number") }
        guard let exact = I(exactly: integer) else {
            throw refusal(.notAllowed, "is \(integer); it may be \(I.min) to \(I.max)")
        }
        return exact
    }

    private func date() throws -> Date {
        guard case .string(let text) = value, let date = UTCTime.date(from: text) else {
            throw refusal(.wrongKind, "is not a time like 2026-11-22T21:06:42.123Z")
        }
        return date
    }

    private func wrongKind(_ wanted: String) -> DecodingError {
        refusal(.wrongKind, "is \(value.kindInWords) where \(wanted) belongs")
    }

    private func refusal(_ kind: JSONProblem.Kind, _ what: String) -> DecodingError {
        let problem = JSONProblem.at(codingPath, kind, what)
        return .dataCorrupted(
            .init(codingPath: codingPath, debugDescription: problem.sentence, underlyingError: problem))
    }
}
