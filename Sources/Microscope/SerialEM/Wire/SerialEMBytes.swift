import RunModel

/// Little-endian numbers and zero-ended strings, as SerialEM packs them. Nothing is aligned.
struct SerialEMPacker {
    private(set) var bytes: [UInt8] = []

    mutating func add(long value: Int32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(double value: Double) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    mutating func pad(to count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: max(0, count - bytes.count)))
    }

    /// Puts the length of the whole message before what was added.
    func message() -> [UInt8] {
        var whole = SerialEMPacker()
        whole.add(long: Int32(bytes.count + 4))
        return whole.bytes + bytes
    }
}

/// Reads what was packed; nil where the bytes end too early.
struct SerialEMUnpacker {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var count: Int { rest.count }

    mutating func long() -> Int32? { take(4).map { Int32(bitPattern: Self.word($0)) } }

    mutating func double() -> Double? {
        take(8).map { Double(bitPattern: UInt64(Self.word($0.prefix(4))) | UInt64(Self.word($0.suffix(4))) << 32) }
    }

    mutating func text() -> String? {
        guard let end = rest.firstIndex(of: 0) else { return nil }
        let bytes = rest[rest.startIndex..<end]
        rest = rest[(end + 1)...]
        return Self.words(bytes)
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// SerialEM writes in the code page of its Windows: what is not UTF-8 is read as Latin 1, which loses nothing.
    private static func words(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self).map(ForeignText.plain)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}

/// The arrays of commands and reports: integers, doubles, strings, and two to five bytes more.
enum SerialEMArray {
    /// Longs of an array with so many slots whose strings, each with its zero, take so many bytes.
    static func longs(slots: Int, stringBytes: Int) -> Int { (12 * slots + stringBytes + 5) / 4 }
}
