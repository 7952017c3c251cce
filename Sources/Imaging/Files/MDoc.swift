/// One line of an autodoc: `key = value`.
public struct MDocField: Hashable, Sendable {
    public var key: String
    public var value: String

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// What SerialEM writes beside an image file: titles, what holds for the whole file, and a section for each image.
public struct MDoc: Hashable, Sendable {
    /// `[ZValue = 3]` and the lines below it.
    public struct Section: Hashable, Sendable {
        /// `ZValue`, `FrameSet`, `MontSection`…
        public var kind: String
        public var name: String
        public var fields: [MDocField]

        public init(kind: String, name: String, fields: [MDocField] = []) {
            self.kind = kind
            self.name = name
            self.fields = fields
        }

        /// The first value under this key; nil where there is none.
        public subscript(key: String) -> String? { fields.first { $0.key == key }?.value }
        /// The numbers under this key; none where the value holds anything else.
        public func numbers(_ key: String) -> [Double] { MDoc.numbers(in: self[key]) }
    }

    /// The texts of the lines `[T = …]`.
    public var titles: [String]
    public var globals: [MDocField]
    public var sections: [Section]

    public init(titles: [String] = [], globals: [MDocField] = [], sections: [Section] = []) {
        self.titles = titles
        self.globals = globals
        self.sections = sections
    }

    /// The first value under this key that holds for the whole file; nil where there is none.
    public subscript(key: String) -> String? { globals.first { $0.key == key }?.value }
    /// The numbers under this key that hold for the whole file; none where the value holds anything else.
    public func numbers(_ key: String) -> [Double] { Self.numbers(in: self[key]) }

    /// Where Windows writes decimals with a comma, some programs do.
    private static func number(_ word: Substring) -> Double? {
        Double(word) ?? (word.count { $0 == "," } == 1 ? Double(word.replacing(",", with: ".")) : nil)
    }

    private static func numbers(in value: String?) -> [Double] {
        let words = value?.split(whereSeparator: \.isWhitespace) ?? []
        let numbers = words.compactMap { number($0) }.filter(\.isFinite)
        return numbers.count == words.count ? numbers : []
    }
}
