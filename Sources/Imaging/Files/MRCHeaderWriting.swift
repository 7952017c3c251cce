extension MRCHeader {
    /// The header as MRC2014 wants it, little endian, with `statistics` filled in.
    func bytes(statistics: ImageStatistics) -> [UInt8] {
        var writer = MRCWordWriter()
        writer.set(1, [width, height, sections, mode.rawValue])
        // A stack counts one section to a cell; a volume, and a stack of SerialEM's, as many as it has.
        let depth = isVolume || hasSampleForEachSection ? sections : 1
        writer.set(8, [width, height, depth])
        let size = Float(pixelSize ?? 0)
        writer.set(11, reals: [size * Float(width), size * Float(height), size * Float(depth), 90, 90, 90])
        writer.set(17, [1, 2, 3])
        writer.set(20, reals: [statistics.minimum, statistics.maximum, Float(statistics.mean)])
        writer.set(23, [isVolume ? 1 : 0, 0])
        writer.set(28, [20141])
        writer.set(208, bytes: Array("MAP ".utf8) + [0x44, 0x44, 0, 0])
        writer.set(55, reals: [Float(statistics.standardDeviation)])
        let kept = labels.filter { !$0.isEmpty }.prefix(10)
        writer.set(56, [kept.count])
        for (i, label) in kept.enumerated() { writer.set(224 + 80 * i, bytes: Array(Self.plain(label))) }
        return writer.bytes
    }

    /// Labels are 80 characters of ASCII, filled up with spaces.
    private static func plain(_ label: String) -> [UInt8] {
        let ascii = label.unicodeScalars.map { (32..<127).contains($0.value) ? UInt8($0.value) : UInt8(ascii: "?") }
        let short = ascii.prefix(80)
        return short + [UInt8](repeating: UInt8(ascii: " "), count: 80 - short.count)
    }
}

private struct MRCWordWriter {
    private(set) var bytes = [UInt8](repeating: 0, count: MRCHeader.size)

    mutating func set(_ word: Int, _ values: [Int]) {
        for (i, value) in values.enumerated() { put(UInt32(bitPattern: Int32(value)), at: word + i) }
    }

    mutating func set(_ word: Int, reals: [Float]) {
        for (i, value) in reals.enumerated() { put(value.bitPattern, at: word + i) }
    }

    mutating func set(_ byte: Int, bytes new: [UInt8]) {
        bytes.replaceSubrange(byte..<byte + new.count, with: new)
    }

    private mutating func put(_ bits: UInt32, at word: Int) {
        for k in 0..<4 { bytes[(word - 1) * 4 + k] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(k))) }
    }
}
