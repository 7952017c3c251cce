/// How large and how deep a text may be before it is refused.
public struct JSONLimits: Sendable {
    public var bytes: Int
    public var depth: Int
    /// Bytes of a name.
    public var name: Int
    /// Combining marks in a row, in names and in texts; see `CombiningMarks`.
    public var marks: Int

    public init(bytes: Int = 16 << 20, depth: Int = 64, name: Int = .max, marks: Int = .max) {
        self.bytes = bytes
        self.depth = depth
        self.name = name
        self.marks = marks
    }

    /// 16 MiB and 64 levels: for what this program wrote itself.
    public static let standard = JSONLimits()

    /// For what anybody may have written: whatever is let through may be a key, compared and counted without a thought.
    public static func foreign(bytes: Int, depth: Int) -> JSONLimits {
        JSONLimits(bytes: bytes, depth: depth, name: 64, marks: CombiningMarks.most)
    }
}

/// Strict JSON: text to values and back.
///
/// Reading refuses what a lenient reader guesses at: names given twice, numbers out of range, text that is not UTF-8,
/// anything after the value. Writing is compact, and the same value always gives the same text.
public enum JSONText {
    public static func parse(
        _ bytes: some Sequence<UInt8>, limits: JSONLimits = .standard
    ) throws(JSONProblem) -> JSONValue {
        let read = bytes.withContiguousStorageIfAvailable { bytes in
            Result { () throws(JSONProblem) in try JSONReader.read(bytes, limits) }
        }
        if let read { return try read.get() }
        return try parse(Array(bytes), limits: limits)
    }

    public static func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONProblem) -> JSONValue {
        try parse(text.utf8, limits: limits)
    }

    /// The text of a value: no blanks, names sorted, doubles as short as reads back exactly.
    ///
    /// JSON has no word for a number that is not finite: it is written as `null`. The encoder refuses it instead.
    public static func write(_ value: JSONValue) -> String {
        String(decoding: bytes(of: value), as: UTF8.self)
    }

    /// The same text as UTF-8, for those who send it.
    public static func bytes(of value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(value)
        return writer.bytes
    }
}
