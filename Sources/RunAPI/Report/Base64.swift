/// RFC 4648, with its padding.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let left = min(3, bytes.count - at)
            let second = left > 1 ? Int(bytes[at + 1]) : 0
            let third = left > 2 ? Int(bytes[at + 2]) : 0
            let word = Int(bytes[at]) << 16 | second << 8 | third
            text.append(letters[word >> 18])
            text.append(letters[word >> 12 & 63])
            text.append(left > 1 ? letters[word >> 6 & 63] : UInt8(ascii: "="))
            text.append(left > 2 ? letters[word & 63] : UInt8(ascii: "="))
            at += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}
