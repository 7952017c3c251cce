/// What kind of file it is, by its first bytes: endings are chosen by people.
public enum PixelFileKind: Sendable, Equatable {
    case mrc, tiff, png
    /// DigitalMicrograph's `.dm3` and `.dm4`.
    case micrograph
    /// One that is not read here, as a sentence calls it: `a JPEG picture`.
    case other(String)

    /// So many bytes are enough to tell every kind.
    public static let bytesNeeded = 1024

    /// Anything without a mark of another kind may be an MRC image: old ones have none themselves.
    public init(firstBytes bytes: [UInt8]) {
        if Self.tiffs.contains(Array(bytes.prefix(4))) {
            self = .tiff
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            self = .png
        } else if let name = Self.others.first(where: { bytes.starts(with: $0.mark) })?.name {
            self = .other(name)
        } else if Self.isMarkedMRC(bytes) {
            self = .mrc
        } else if DMHeader(bytes) != nil {
            self = .micrograph
        } else {
            self = SPIDERHeader.isLikely(bytes) ? .other("a SPIDER image") : .mrc
        }
    }

    private static let tiffs: [[UInt8]] = [
        [0x49, 0x49, 42, 0], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 42], [0x4D, 0x4D, 0, 43],
    ]

    private static let others: [(mark: [UInt8], name: String)] = [
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file"),
        ([0x1F, 0x8B], "a file packed by gzip"),
        (Array("BZh".utf8), "a file packed by bzip2"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "a file packed by xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a file packed by zstd"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive"),
        ([0x50, 0x4B, 3, 4], "a ZIP archive"),
        ([0x49, 0x49, 0x97, 1], "a TIA series"),
        ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
        (Array("SIMPLE  =".utf8), "a FITS image"),
        (Array("GIF8".utf8), "a GIF picture"),
        (Array("%PDF".utf8), "a PDF document"),
        (Array("<?xml".utf8), "an XML file"),
        ([0xEF, 0xBB, 0xBF] + Array("<?xml".utf8), "an XML file"),
        (Array("version https://git-lfs".utf8), "a pointer of Git LFS, not the file itself"),
    ]

    private static func isMarkedMRC(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 212 && bytes[208..<211].elementsEqual("MAP".utf8)
    }
}

/// The numbers at the beginning of a SPIDER image, all of them floating-point, in either byte order.
enum SPIDERHeader {
    /// They have to agree with one another: there is no mark.
    static func isLikely(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 92 else { return false }
        return [true, false].contains { isLikely(MRCWords(bytes: bytes, isBigEndian: $0)) }
    }

    private static func isLikely(_ words: MRCWords) -> Bool {
        let (slices, rows, kind, columns) = (words.real(1), words.real(2), words.real(5), words.real(12))
        let (records, bytes, length) = (words.real(13), words.real(22), words.real(23))
        let counts = [abs(slices), rows, columns, records, length]
        return [1, 3, -11, -12, -21, -22].contains(kind) && counts.allSatisfy { $0 >= 1 && $0 < 1e6 && $0 == $0.rounded() }
            && length == columns * 4 && bytes == records * length
    }
}
