/// The chain of directories of a TIFF or BigTIFF file, one to a frame, read without trusting any number in it.
///
/// libtiff decodes the pixels, but walks the chain anew for every frame and takes memory before it knows the file's size.
struct TIFFWalk {
    typealias Reader = (_ offset: Int, _ count: Int) throws(ImagingError) -> [UInt8]

    private static let mostFrames = 1 << 16
    private static let mostTags = 4096
    private static let mostParts = 1 << 20
    /// Of all frames: a few bytes can be said to be the tags and parts of every one of them.
    private static let mostTagsInAll = 1 << 22
    private static let mostPartsInAll = 1 << 24

    let file: String
    private let size: Int
    private let read: Reader
    private let isBig: Bool
    private let isBigEndian: Bool
    private let first: Int

    /// `read` gives bytes of a file of `size`; `file` names it in what is thrown.
    init(file: String, size: Int, read: @escaping Reader) throws(ImagingError) {
        (self.file, self.size, self.read) = (file, size, read)
        guard size >= 16 else {
            throw .notATIFF(file: file, detail: size == 0 ? "it is empty" : "\(size) bytes are less than a header")
        }
        let start = try read(0, 16)
        isBigEndian = start[0] == UInt8(ascii: "M")
        let order = TIFFNumbers(bytes: start, isBigEndian: isBigEndian)
        let kind = order.unsigned(at: 2, count: 2)
        let marks = [UInt8(ascii: "I"), UInt8(ascii: "M")]
        guard start[0] == start[1], marks.contains(start[0]), kind == 42 || kind == 43 else {
            throw .notATIFF(file: file, detail: "it begins with other letters")
        }
        isBig = kind == 43
        first = isBig ? order.unsigned(at: 8, count: 8) : order.unsigned(at: 4, count: 4)
    }

    /// Every frame in turn; a chain that bites its tail is refused.
    func directories() throws(ImagingError) -> [TIFFDirectory] {
        var found: [TIFFDirectory] = []
        var seen: Set<Int> = []
        var (tags, parts) = (0, 0)
        var offset = first
        while offset != 0 {
            guard seen.insert(offset).inserted else { throw .notATIFF(file: file, detail: "its frames lead in a circle") }
            guard found.count < Self.mostFrames else { throw .notATIFF(file: file, detail: "it has too many frames") }
            let (directory, next) = try directory(at: offset)
            (tags, parts) = (tags + directory.tagCount, parts + directory.partCount)
            guard tags <= Self.mostTagsInAll, parts <= Self.mostPartsInAll else {
                throw .notATIFF(file: file, detail: "its frames have too many tags and parts")
            }
            found.append(directory)
            offset = next
        }
        guard !found.isEmpty else { throw .notATIFF(file: file, detail: "it holds no frame") }
        return found
    }

    private func directory(at offset: Int) throws(ImagingError) -> (TIFFDirectory, next: Int) {
        let head = isBig ? 8 : 2
        let count = try numbers(at: offset, count: head).unsigned(at: 0, count: head)
        guard (1...Self.mostTags).contains(count) else {
            throw .notATIFF(file: file, detail: "a frame of it has \(count) tags")
        }
        let each = isBig ? 20 : 12
        let last = isBig ? 8 : 4
        let body = try numbers(at: offset + head, count: count * each + last)
        var tags: [Int: TIFFTag] = [:]
        for i in 0..<count {
            let tag = TIFFTag(body, at: i * each, isBig: isBig, bodyOffset: offset + head)
            tags[tag.number] = tag
        }
        var directory = try fill(tags)
        (directory.offset, directory.tagCount) = (offset, count)
        return (directory, body.unsigned(at: count * each, count: last))
    }

    private func fill(_ tags: [Int: TIFFTag]) throws(ImagingError) -> TIFFDirectory {
        var directory = TIFFDirectory()
        directory.width = try value(tags[256]) ?? 0
        directory.height = try value(tags[257]) ?? 0
        directory.bits = try value(tags[258]) ?? 1
        directory.compression = try value(tags[259]) ?? 1
        directory.samplesPerPixel = try value(tags[277]) ?? 1
        directory.rowsPerStrip = try value(tags[278]) ?? Int(UInt32.max)
        directory.tileWidth = try value(tags[322]) ?? 0
        directory.tileHeight = try value(tags[323]) ?? 0
        switch try value(tags[339]) ?? 1 {
        case 2: directory.sample = .signed
        case 3: directory.sample = .real
        default: directory.sample = .unsigned
        }
        directory.pixelSize = try pixelSize(resolution: tags[282], unit: value(tags[296]) ?? 2)
        (directory.metadata, directory.description) = (text(tags[65001]), text(tags[270]))
        if directory.isEER {
            directory.codes = EERCodes(
                compression: directory.compression, run: try value(tags[65007]), across: try value(tags[65008]),
                down: try value(tags[65009]))
        }
        try measure(&directory, offsets: tags[324] ?? tags[273], counts: tags[325] ?? tags[279])
        return directory
    }

    /// Adds up the strips or tiles; those that reach beyond the file make it truncated.
    private func measure(_ directory: inout TIFFDirectory, offsets: TIFFTag?, counts: TIFFTag?) throws(ImagingError) {
        guard let offsets, let counts else { throw .notATIFF(file: file, detail: "a frame of it has no pixels") }
        guard offsets.count == counts.count, (1...Self.mostParts).contains(offsets.count) else {
            throw .notATIFF(file: file, detail: "the parts of a frame of it are counted as \(offsets.count) and \(counts.count)")
        }
        let (places, lengths) = (try values(offsets), try values(counts))
        directory.partCount = places.count
        for (place, length) in zip(places, lengths) {
            let (end, overflows) = place.addingReportingOverflow(length)
            guard !overflows, end <= size else {
                throw .truncated(file: file, expectedBytes: overflows ? .max : end, foundBytes: size)
            }
            // No sum of lengths within the file overflows; their number is bounded.
            directory.storedBytes += length
            directory.end = max(directory.end, end)
            if directory.isEER { directory.strips.append(place..<end) }
        }
    }

    private static let longestText = 1 << 20

    /// Within the file; one that is not is as good as none.
    private func text(_ tag: TIFFTag?) -> Range<Int>? {
        guard let text = tag?.text, text.count <= Self.longestText, text.upperBound <= size else { return nil }
        return text
    }

    /// Pixels to a centimetre or an inch. Below 0.01 Å or above 1 µm it is a printer's.
    private func pixelSize(resolution: TIFFTag?, unit: Int) throws(ImagingError) -> Double? {
        guard let resolution, resolution.type == 5, resolution.count == 1 else { return nil }
        let rational = try numbers(at: resolution.place, count: 8)
        let (over, under) = (rational.unsigned(at: 0, count: 4), rational.unsigned(at: 4, count: 4))
        guard over > 0, under > 0, unit == 2 || unit == 3 else { return nil }
        let size = (unit == 2 ? 2.54e8 : 1e8) * Double(under) / Double(over)
        return (0.01...10_000).contains(size) ? size : nil
    }

    private func value(_ tag: TIFFTag?) throws(ImagingError) -> Int? {
        guard let tag, tag.count == 1 else { return nil }
        return try values(tag).first
    }

    private func values(_ tag: TIFFTag) throws(ImagingError) -> [Int] {
        guard let step = tag.step else { throw .notATIFF(file: file, detail: "tag \(tag.number) of it has no numbers") }
        let numbers = try numbers(at: tag.place, count: tag.count * step)
        return (0..<tag.count).map { numbers.unsigned(at: $0 * step, count: step) }
    }

    /// Bytes that are in the file, or the sentence of a file that is cut off or still being written.
    private func numbers(at offset: Int, count: Int) throws(ImagingError) -> TIFFNumbers {
        let (end, overflows) = offset.addingReportingOverflow(count)
        guard offset >= 0, !overflows, end <= size else {
            throw .truncated(file: file, expectedBytes: overflows ? .max : end, foundBytes: size)
        }
        return TIFFNumbers(bytes: try read(offset, count), isBigEndian: isBigEndian)
    }
}
