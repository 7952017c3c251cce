/// Words of four bytes, counted from 1 as the format's description does.
struct MRCWords {
    let bytes: [UInt8]
    let isBigEndian: Bool

    func integer(_ word: Int) -> Int { Int(Int32(bitPattern: bits(word))) }
    func real(_ word: Int) -> Float { Float(bitPattern: bits(word)) }

    /// Two bytes at an offset that counts from 0.
    func short(at byte: Int) -> Int {
        let (a, b) = (UInt16(bytes[byte]), UInt16(bytes[byte + 1]))
        return Int(Int16(bitPattern: isBigEndian ? a << 8 | b : b << 8 | a))
    }

    private func bits(_ word: Int) -> UInt32 {
        let at = (word - 1) * 4
        let four = (0..<4).map { UInt32(bytes[at + (isBigEndian ? $0 : 3 - $0)]) }
        return four.reduce(0) { $0 << 8 | $1 }
    }

    func text(from byte: Int, count: Int) -> String {
        let part = bytes[byte..<byte + count].prefix { $0 != 0 }
        var text = String(decoding: part, as: UTF8.self)
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension MRCHeader {
    /// Sizes beyond this are taken for another kind of file or the wrong byte order.
    private static let largestSide = 1 << 17

    /// Understands `bytes`; `file` names the file in what is thrown.
    init(bytes: [UInt8], file: String) throws(ImagingError) {
        let orders = Self.likelyByteOrders(stamp: Array(bytes[212..<216]))
        let words = orders.map { MRCWords(bytes: bytes, isBigEndian: $0) }
        guard let words = words.first(where: Self.hasSaneSizes) else {
            let first = words[0]
            let size = "\(first.integer(1)) x \(first.integer(2)) x \(first.integer(3)) pixels"
            throw .notAnMRC(file: file, detail: "its header tells of \(size)")
        }
        guard let mode = MRCMode(rawValue: words.integer(4)) else {
            throw .unsupportedMode(file: file, mode: words.integer(4))
        }
        self.init(width: words.integer(1), height: words.integer(2), sections: words.integer(3), mode: mode)
        extendedBytes = words.integer(24)
        isBigEndian = words.isBigEndian
        fillIn(from: words)
        if mode == .int8, Self.holdsHalfBytes(words) { unpack(words) }
    }

    /// The stamp's own order first. Programs from before 2014 left other stamps (00 00 44 44), so the sizes decide.
    private static func likelyByteOrders(stamp: [UInt8]) -> [Bool] {
        stamp[0] == 0x11 && stamp[1] == 0x11 ? [true, false] : [false, true]
    }

    private static func hasSaneSizes(_ words: MRCWords) -> Bool {
        let sides = [words.integer(1), words.integer(2), words.integer(3)]
        return sides.allSatisfy { (1...largestSide).contains($0) } && (0...1024).contains(words.integer(4))
            && (0...(1 << 30)).contains(words.integer(24))
    }

    private mutating func fillIn(from words: MRCWords) {
        let samples = words.integer(8)
        let cell = Double(words.real(11))
        // Programs from before 2014 wrote one Å to a sample where they knew nothing.
        let isPlaceholder = words.integer(28) < 20140 && cell == Double(samples)
        if samples > 0 && cell.isFinite && cell > 0 && !isPlaceholder { pixelSize = cell / Double(samples) }
        let (low, high) = (words.real(20), words.real(21))
        if low.isFinite && high.isFinite && high >= low {
            statistics = (low, high, words.real(22), words.real(55))
        }
        isVolume = (1...230).contains(words.integer(23))
        extendedKind = words.text(from: 104, count: 4)
        sectionHeaderBytes = words.short(at: 128)
        sectionHeaderFlags = words.short(at: 130)
        labels = (0..<min(10, max(0, words.integer(56)))).map { words.text(from: 224 + 80 * $0, count: 80) }
        bytesAreSigned = Self.bytesAreSigned(words)
    }

    private static let imodStamp = 1_146_047_817

    /// IMOD's flag for two pixels of four bits in every byte of mode 0; the width then counts bytes.
    private static func holdsHalfBytes(_ words: MRCWords) -> Bool {
        words.integer(39) == imodStamp && words.integer(40) & 16 != 0
    }

    private mutating func unpack(_ words: MRCWords) {
        mode = .packed4
        width *= 2
        // Some count the cell in bytes and some in pixels; along y there is no difference.
        let (samples, cell) = (words.integer(9), Double(words.real(12)))
        if pixelSize != nil, samples > 0, cell.isFinite, cell > 0 { pixelSize = cell / Double(samples) }
    }

    /// IMOD says it in a flag; before the format's revision of 2014 bytes could be either, and the greatest value tells.
    private static func bytesAreSigned(_ words: MRCWords) -> Bool {
        if words.integer(39) == imodStamp { return words.integer(40) & 1 == 1 }
        // Signed bytes reach no further than 127, whatever the format's revision says.
        let (low, high) = (words.real(20), words.real(21))
        if words.integer(28) >= 20140 { return !(low >= 0 && high > 127 && high <= 255) }
        return high <= 127
    }
}
