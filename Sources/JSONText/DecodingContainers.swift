struct ObjectDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: [String: JSONValue]
    let trail: CodingTrail?
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }
    var allKeys: [Key] { fields.keys.sorted().compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = try value(key) { true } else { false }
    }

    // The plain kinds are read here, without a decoder of their own, when they are what was hoped for.
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        if case .bool(let bool) = try value(key) { bool } else { try below(key).decode(type) }
    }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        if case .string(let text) = try value(key) { text } else { try below(key).decode(type) }
    }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        if case .number(let number) = try value(key) { number } else { try below(key).decode(type) }
    }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        if case .integer(let integer) = try value(key) { integer } else { try below(key).decode(type) }
    }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try below(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try below(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try below(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try below(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try below(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try below(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try below(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try below(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try below(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try below(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try below(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try below(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try below(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        ValueDecoder(value: fields[PlaceKey.parent.stringValue] ?? .null, trail: CodingTrail(trail, PlaceKey.parent))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try below(key) }

    private func value(_ key: Key) throws -> JSONValue {
        guard let value = fields[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return value
    }

    private func below(_ key: Key) throws -> ValueDecoder {
        ValueDecoder(value: try value(key), trail: CodingTrail(trail, key))
    }
}

struct ListDecoder: UnkeyedDecodingContainer {
    let items: [JSONValue]
    let trail: CodingTrail?
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    init(items: [JSONValue], trail: CodingTrail?) {
        self.items = items
        self.trail = trail
    }

    mutating func decodeNil() throws -> Bool {
        guard case .null = try here().value else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let decoded = try here().decode(type)
        currentIndex += 1
        return decoded
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        let container = try here().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try here().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try here()
        currentIndex += 1
        return decoder
    }

    private func here() throws -> ValueDecoder {
        let key = PlaceKey(intValue: currentIndex)
        guard !isAtEnd else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return ValueDecoder(value: items[currentIndex], trail: CodingTrail(trail, key))
    }
}
