extension MDoc {
    /// More than the longest montage or tilt series needs; what lies beyond is not looked at.
    public static let mostBytes = 16 << 20
    private static let longestLine = 4096

    /// Reads an autodoc of any SerialEM. Lines that are neither a section nor a key are passed over.
    public init(_ text: String) {
        self.init()
        for line in text.utf8.prefix(Self.mostBytes).split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let words = String(decoding: line.prefix(Self.longestLine), as: UTF8.self).trimmed
            if words.hasPrefix("[") { open(words) } else if let field = MDocField(line: words) { add(field) }
        }
    }

    private mutating func open(_ line: String) {
        let inner = line.dropFirst().prefix { $0 != "]" }
        // A title may hold a bracket of its own.
        let whole = line.hasSuffix("]") ? line.dropFirst().dropLast() : line.dropFirst()
        guard let field = MDocField(line: String(inner)) else { return }
        if field.key == "T" {
            titles.append(MDocField(line: String(whole))?.value ?? field.value)
        } else {
            sections.append(Section(kind: field.key, name: field.value))
        }
    }

    private mutating func add(_ field: MDocField) {
        if sections.isEmpty { globals.append(field) } else { sections[sections.count - 1].fields.append(field) }
    }

    /// As SerialEM lays it out: an empty line before each title and each section, one newline at the end.
    public var text: String {
        var lines = globals.map(\.line)
        for title in titles { lines += ["", "[T = \(title.oneLine)]"] }
        for section in sections {
            lines += ["", "[\(section.kind.oneLine) = \(section.name.oneLine)]"] + section.fields.map(\.line)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension MDocField {
    fileprivate init?(line: String) {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        self.init(String(line[..<equals]).trimmed, String(line[line.index(after: equals)...]).trimmed)
        guard !key.isEmpty else { return nil }
    }

    fileprivate var line: String { "\(key.oneLine) = \(value.oneLine)" }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// A value that held a newline would begin a section of its own.
    fileprivate var oneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
