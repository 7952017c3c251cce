/// Values to text, by hand: jansson writes 0.1 with seventeen digits, and sorts only what was copied into it first.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let bool): append(bool ? "true" : "false")
        case .integer(let integer): write(integer)
        case .number(let number): write(number)
        case .string(let text): write(text)
        case .array(let items): list(items) { $0.write($1) }
        case .object(let fields):
            object(fields.sorted { $0.key < $1.key }) { $0.write($1) }
        }
    }

    mutating func list<Item>(_ items: [Item], _ writeItem: (inout JSONWriter, Item) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            writeItem(&self, item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// The caller has sorted the fields.
    mutating func object<Item>(_ fields: [(key: String, value: Item)], _ writeItem: (inout JSONWriter, Item) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(field.key)
            bytes.append(UInt8(ascii: ":"))
            writeItem(&self, field.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func write(_ integer: Int) {
        append(integer.description)
    }

    mutating func write(_ number: Double) {
        append(number.isFinite ? number.description : "null")
    }

    mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var plainStart = 0
            for index in utf8.indices where Self.mustEscape(utf8[index]) {
                bytes.append(contentsOf: utf8[plainStart..<index])
                escape(utf8[index])
                plainStart = index + 1
            }
            bytes.append(contentsOf: utf8[plainStart...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            append("\\u00")
            bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
