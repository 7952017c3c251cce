struct ObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let parts: ObjectParts
    let trail: CodingTrail?
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }

    private func put(_ piece: Piece, _ key: some CodingKey) {
        parts.fields.append((key.stringValue, piece))
    }

    func encodeNil(forKey key: Key) { put(.ready(.null), key) }
    func encode(_ value: Bool, forKey key: Key) { put(.ready(.bool(value)), key) }
    func encode(_ value: String, forKey key: Key) { put(.ready(.string(value)), key) }
    func encode(_ value: Int, forKey key: Key) { put(.ready(.integer(value)), key) }
    func encode(_ value: Int8, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: Int16, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: Int32, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: Int64, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: UInt8, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: UInt16, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: UInt32, forKey key: Key) { put(.ready(.integer(Int(value))), key) }
    func encode(_ value: UInt, forKey key: Key) throws { put(try .init(of: value, below(key)), key) }
    func encode(_ value: UInt64, forKey key: Key) throws { put(try .init(of: value, below(key)), key) }
    func encode(_ value: Double, forKey key: Key) throws {
        put(try ValueEncoder.piece(of: value, trail: below(key)), key)
    }
    func encode(_ value: Float, forKey key: Key) throws {
        put(try ValueEncoder.piece(of: value, trail: below(key)), key)
    }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        put(try ValueEncoder.piece(of: value, trail: below(key)), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        let nested = ObjectParts()
        put(.object(nested), key)
        return KeyedEncodingContainer(ObjectEncoder<Nested>(parts: nested, trail: below(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let nested = ListParts()
        put(.list(nested), key)
        return ListEncoder(parts: nested, trail: below(key))
    }

    func superEncoder() -> any Encoder { later(PlaceKey.parent) }
    func superEncoder(forKey key: Key) -> any Encoder { later(key) }

    private func later(_ key: some CodingKey) -> any Encoder {
        let encoder = ValueEncoder(trail: below(key))
        put(.later(encoder), key)
        return encoder
    }

    private func below(_ key: some CodingKey) -> CodingTrail { CodingTrail(trail, key) }
}

struct ListEncoder: UnkeyedEncodingContainer {
    let parts: ListParts
    let trail: CodingTrail?
    var codingPath: [any CodingKey] { CodingTrail.path(trail) }
    var count: Int { parts.items.count }

    func encodeNil() { parts.items.append(.ready(.null)) }
    func encode<T: Encodable>(_ value: T) throws {
        parts.items.append(try ValueEncoder.piece(of: value, trail: here))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        let (nested, trail) = (ObjectParts(), here)
        parts.items.append(.object(nested))
        return KeyedEncodingContainer(ObjectEncoder<Nested>(parts: nested, trail: trail))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let (nested, trail) = (ListParts(), here)
        parts.items.append(.list(nested))
        return ListEncoder(parts: nested, trail: trail)
    }

    func superEncoder() -> any Encoder {
        let encoder = ValueEncoder(trail: here)
        parts.items.append(.later(encoder))
        return encoder
    }

    private var here: CodingTrail { CodingTrail(trail, PlaceKey(intValue: count)) }
}

struct SingleEncoder: SingleValueEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.piece = .ready(.null) }
    func encode(_ value: Bool) { encoder.piece = .ready(.bool(value)) }
    func encode(_ value: String) { encoder.piece = .ready(.string(value)) }
    func encode(_ value: Int) { encoder.piece = .ready(.integer(value)) }
    func encode(_ value: Int8) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: Int16) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: Int32) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: Int64) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: UInt8) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: UInt16) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: UInt32) { encoder.piece = .ready(.integer(Int(value))) }
    func encode(_ value: UInt) throws { encoder.piece = try .init(of: value, encoder.trail) }
    func encode(_ value: UInt64) throws { encoder.piece = try .init(of: value, encoder.trail) }
    func encode(_ value: Double) throws { encoder.piece = try ValueEncoder.piece(of: value, trail: encoder.trail) }
    func encode(_ value: Float) throws { encoder.piece = try ValueEncoder.piece(of: value, trail: encoder.trail) }
    func encode<T: Encodable>(_ value: T) throws {
        encoder.piece = try ValueEncoder.piece(of: value, trail: encoder.trail)
    }
}

extension Piece {
    fileprivate init<I: FixedWidthInteger>(of integer: I, _ trail: @autoclosure () -> CodingTrail?) throws {
        self = try ValueEncoder.piece(of: integer, trail: trail())
    }
}
