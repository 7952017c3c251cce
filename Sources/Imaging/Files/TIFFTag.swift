/// Whole numbers in a file's byte order.
struct TIFFNumbers {
    let bytes: [UInt8]
    let isBigEndian: Bool

    /// At most eight bytes; numbers beyond what `Int` holds become its greatest.
    func unsigned(at offset: Int, count: Int) -> Int {
        var value: UInt64 = 0
        for i in 0..<count { value = value << 8 | UInt64(bytes[offset + (isBigEndian ? i : count - 1 - i)]) }
        return Int(clamping: value)
    }
}

/// One entry of a directory: where its values are and of what type.
struct TIFFTag {
    let number: Int
    let type: Int
    let count: Int
    /// In the file; in the entry itself where the values fit into it.
    let place: Int

    /// Bytes of one value of an unsigned type; nil for others.
    var step: Int? { [1: 1, 3: 2, 4: 4, 16: 8][type] }

    /// The bytes of a text, or of what has no type; nil for numbers.
    var text: Range<Int>? {
        let (end, overflows) = place.addingReportingOverflow(count)
        return [1, 2, 7].contains(type) && !overflows ? place..<end : nil
    }

    init(_ body: TIFFNumbers, at offset: Int, isBig: Bool, bodyOffset: Int) {
        number = body.unsigned(at: offset, count: 2)
        type = body.unsigned(at: offset + 2, count: 2)
        let word = isBig ? 8 : 4
        // Held where no product with a step can overflow; more is refused by the file's size.
        count = min(body.unsigned(at: offset + 4, count: word), 1 << 40)
        let inside = offset + 4 + word
        let bytes = count * ([1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8][type] ?? word + 1)
        place = bytes <= word ? bodyOffset + inside : body.unsigned(at: inside, count: word)
    }
}
