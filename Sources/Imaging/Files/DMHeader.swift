/// The first numbers of a DigitalMicrograph file: always the greatest byte first, whatever the order of its data.
struct DMHeader: Equatable {
    /// 3 or 4.
    let version: Int
    /// Of the data's numbers.
    let isBigEndian: Bool

    /// Nil where the bytes are those of another kind of file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 24, bytes[0...2].allSatisfy({ $0 == 0 }), bytes[3] == 3 || bytes[3] == 4 else { return nil }
        version = Int(bytes[3])
        let order = version == 3 ? 8 : 12
        guard bytes[order..<order + 3].allSatisfy({ $0 == 0 }), bytes[order + 3] < 2 else { return nil }
        isBigEndian = bytes[order + 3] == 0
        // The first group of tags: whether it is sorted, whether it is open.
        guard bytes[order + 4] < 2, bytes[order + 5] < 2 else { return nil }
    }

    /// Bytes of the header, and of the numbers that count tags.
    var size: Int { version == 3 ? 12 : 16 }
    var wordBytes: Int { version == 3 ? 4 : 8 }
}
