/// HTML as a tree, written out once. A string can only become text or the value of an attribute, and both pass through `escaped`: what
/// people type never becomes markup, wherever it stands.
indirect enum HTMLText: Sendable, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    case text(String)
    case element(String, [(name: String, value: String)], [HTMLText])
    case several([HTMLText])
    /// A style sheet of the program's own: it stands as it is, so nothing can be put into it.
    case style(StaticString)

    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: HTMLText...) { self = .several(elements) }

    static let nothing = HTMLText.several([])

    /// An attribute without a value (nil) is left out.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: HTMLText...) -> HTMLText {
        .element(name, attributes.compactMap { name, value in value.map { (name, $0) } }, children)
    }

    /// What somebody has typed: its direction of writing does not reach what stands beside it.
    static func name(_ text: String) -> HTMLText { .tag("bdi", [:], .text(text)) }

    /// UTF-8.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .text(let text): bytes += Self.escaped(text)
        case .several(let parts): for part in parts { part.write(into: &bytes) }
        case .style(let sheet):
            bytes += "<style>".utf8
            sheet.withUTF8Buffer { bytes += $0 }
            bytes += "</style>".utf8
        case .element(let name, let attributes, let children):
            bytes += "<\(name)".utf8
            for (name, value) in attributes {
                bytes += " \(name)=\"".utf8
                bytes += Self.escaped(value)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: ">"))
            guard !Self.voids.contains(name) else { return }
            for child in children { child.write(into: &bytes) }
            bytes += "</\(name)>".utf8
        }
    }

    private static let voids: Set = ["br", "col", "img", "link", "meta"]
}

extension HTMLText {
    /// The one place where text becomes HTML, in text as in an attribute's quotation marks. Controls, and what turns the direction of
    /// writing and could make one name look like another, become the replacement character.
    static func escaped(_ text: String) -> [UInt8] {
        var (bytes, isPlain) = ([UInt8](), true)
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            case 0x09, 0x0A, 0x20..<0x7F: bytes.append(byte)
            default:
                isPlain = false
                bytes.append(byte)
            }
        }
        guard !isPlain else { return bytes }
        var kept = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            kept.append(scalar.isShownInPlace ? scalar : "\u{FFFD}")
        }
        return Array(String(kept).utf8)
    }
}

extension Unicode.Scalar {
    fileprivate var isShownInPlace: Bool {
        switch value {
        case 0x09, 0x0A: true
        case ..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE...0xFFFF: false
        default: true
        }
    }
}
