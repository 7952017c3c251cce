import RunModel

extension MDoc {
    /// More than the longest montage or tilt series needs; what lies beyond is not looked at.
    public static let mostBytes = 16 << 20
    private static let longestLine = 4096

    /// The bytes of a file: those of Windows programs are often Latin-1.
    public init(bytes: [UInt8]) {
        let text = String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        self.init(text)
    }

    /// Reads an autodoc of any SerialEM. Lines that are neither a section nor a key are passed over.
    public init(_ text: String) {
        self.init()
        let bytes = Array(text.utf8.prefix(Self.mostBytes))
        for whole in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let line = whole.prefix(Self.longestLine).trimmed
            if line.first == UInt8(ascii: "[") { open(line.dropFirst()) } else if let field = MDocField(line: line) { add(field) }
        }
    }

    /// `line`: without its first bracket.
    private mutating func open(_ line: ArraySlice<UInt8>) {
        let bracket = UInt8(ascii: "]")
        guard let field = MDocField(line: line.prefix { $0 != bracket }) else { return }
        guard field.key == "T" else {
            sections.append(Section(kind: field.key, name: field.value))
            return
        }
        // A title may hold brackets of its own.
        titles.append(MDocField(line: line.last == bracket ? line.dropLast() : line)?.value ?? field.value)
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
    fileprivate init?(line: ArraySlice<UInt8>) {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = line[..<equals].trimmed
        guard !key.isEmpty else { return nil }
        self.init(ForeignText.decode(key), ForeignText.decode(line[(equals + 1)...].trimmed))
    }

    /// A key that began with a bracket would begin a section.
    fileprivate var line: String {
        let key = Substring(
            key.oneLine.utf8.drop { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        return "\(key) = \(value.oneLine)"
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks and tabs at its ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !Self.isBlank($0) }), let last = lastIndex(where: { !Self.isBlank($0) }) else {
            return []
        }
        return self[first...last]
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

extension String {
    /// A value that held a newline would begin a section of its own.
    fileprivate var oneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
