import RunModel

/// A DigitalMicrograph file (`.dm3`, `.dm4`): the largest image of those it holds, which leaves out its thumbnail.
///
/// Opening it reads the tags alone.
struct DMFile: MovieSource {
    let path: String
    private let file: PixelFile
    private let best: DMTags.Picture
    private let isBigEndian: Bool

    var width: Int { best.width }
    var height: Int { best.height }
    var frameCount: Int { 1 }
    var pixelSize: Double? { nil }

    init(path: String) throws(ImagingError) {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard let header = DMHeader(try file.read(at: 0, count: min(24, size))) else {
            throw .notADM(file: path, detail: "it begins with other numbers")
        }
        var tags = DMTags(file: path, size: size, header: header) { offset, count throws(ImagingError) in
            try file.read(at: offset, count: count)
        }
        try tags.read()
        guard let best = tags.images.filter(\.isReadable).max(by: { $0.count < $1.count }) else {
            throw .notADM(file: path, detail: "it holds no image of one grey value a pixel")
        }
        (self.path, self.file, self.best, isBigEndian) = (path, file, best, header.isBigEndian)
    }

    static func image(path: String) throws(ImagingError) -> Image { try DMFile(path: path).frame(0) }

    /// The file stores the top row first; the image is turned over, as TIFF is.
    func frame(_ index: Int) throws(ImagingError) -> Image {
        guard index == 0 else { throw .noSuchFrame(file: path, frame: index, count: 1) }
        // Of a stack the first image.
        let values = MRCValues(bytes: try file.read(at: best.place, count: width * height * best.step), isBigEndian: isBigEndian)
        var result = Image(width: width, height: height)
        for y in 0..<height {
            let row = (height - 1 - y) * width
            for x in 0..<width {
                let value = best.value(values, at: (y * width + x) * best.step)
                result.pixels[row + x] = abs(value) < 1e15 ? value : 0
            }
        }
        return result
    }
}

/// The tree of tags of a DigitalMicrograph file, walked without trusting any number in it.
struct DMTags {
    typealias Reader = (_ offset: Int, _ count: Int) throws(ImagingError) -> [UInt8]

    /// What the tags below one `ImageData` say.
    struct Picture {
        var place = 0
        var count = 0
        var step = 0
        var type = 0
        var sides: [Int] = []

        var width: Int { sides.first ?? 0 }
        var height: Int { sides.count > 1 ? sides[1] : 0 }
        /// No camera has more pixels along a side.
        private static let largestSide = 20_000

        /// A stack counts as its first image.
        var isReadable: Bool {
            let sides = 1...Self.largestSide
            guard sides.contains(width), sides.contains(height), width * height <= count else { return false }
            return [1: 2, 2: 4, 6: 1, 7: 4, 9: 1, 10: 2, 11: 4, 12: 8][type] == step
        }

        func value(_ values: MRCValues, at offset: Int) -> Float {
            let bits = values.unsigned(offset, count: step)
            return switch type {
            case 1: Float(Int16(truncatingIfNeeded: bits))
            case 2: Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            case 7: Float(Int32(truncatingIfNeeded: bits))
            case 9: Float(Int8(truncatingIfNeeded: bits))
            case 12: Float(Double(bitPattern: bits))
            default: Float(bits)
            }
        }
    }

    private static let mostTags = 100_000
    private static let deepest = 32
    /// Arrays of arrays within one tag's description, and the numbers of one: real files have two, and a few hundred for the longest
    /// struct.
    private static let deepestArray = 4
    private static let longestDescription = 1 << 13

    let file: String
    let size: Int
    let header: DMHeader
    let reader: Reader
    private(set) var images: [Picture] = []
    private var at = 0
    private var tagsSeen = 0

    init(file: String, size: Int, header: DMHeader, reader: @escaping Reader) {
        (self.file, self.size, self.header, self.reader) = (file, size, header, reader)
    }

    mutating func read() throws(ImagingError) {
        at = header.size
        try group([], depth: 0)
    }

    private mutating func group(_ path: [String], depth: Int) throws(ImagingError) {
        guard depth < Self.deepest else { throw problem("its tags lie too deep") }
        at += 2
        let count = try word()
        for index in 0..<count {
            tagsSeen += 1
            guard tagsSeen < Self.mostTags else { throw problem("it has too many tags") }
            let kind = try unsigned(1, isBigEndian: true)
            if kind == 0 { return }
            let letters = try unsigned(2, isBigEndian: true)
            let name = letters == 0 ? "\(index)" : ForeignText.decode(try bytes(letters))
            if header.version == 4 { at += 8 }
            if path.last == "ImageList", kind == 20 { images.append(Picture()) }
            switch kind {
            case 20: try group(path + [name], depth: depth + 1)
            case 21: try data(path, name)
            default: throw problem("a tag of it is of kind \(kind)")
            }
        }
    }

    private mutating func data(_ path: [String], _ name: String) throws(ImagingError) {
        // Four percent signs.
        at += 4
        let count = try word()
        guard count <= Self.longestDescription else { throw problem("a tag of it has \(count) numbers of description") }
        let words = MRCValues(bytes: try bytes(count * header.wordBytes), isBigEndian: true)
        let info = (0..<count).map { min(Int(clamping: words.unsigned($0 * header.wordBytes, count: header.wordBytes)), 1 << 40) }
        guard let length = Self.length(of: info) else { throw problem("a tag of it is of no known type") }
        let (end, overflows) = at.addingReportingOverflow(length)
        guard !overflows, end <= size else {
            throw .truncated(file: file, expectedBytes: overflows ? .max : end, foundBytes: size)
        }
        if !images.isEmpty { try note(path, name, info) }
        at = end
    }

    /// What is wanted of an image's tags: its type, its sides, and where its numbers lie.
    private mutating func note(_ path: [String], _ name: String, _ info: [Int]) throws(ImagingError) {
        let last = images.count - 1
        if path.last == "ImageData", name == "Data", info.count == 3, info[0] == 20, let step = Self.sizes[info[1]] {
            (images[last].place, images[last].step, images[last].count) = (at, step, info[2])
        } else if path.last == "ImageData", name == "DataType" {
            images[last].type = try number(info)
        } else if path.last == "Dimensions", path.dropLast().last == "ImageData" {
            images[last].sides.append(try number(info))
        }
    }

    private func number(_ info: [Int]) throws(ImagingError) -> Int {
        guard info.count == 1, let step = Self.sizes[info[0]], step <= 8 else { return 0 }
        return Int(clamping: MRCValues(bytes: try reader(at, step), isBigEndian: header.isBigEndian).unsigned(0, count: step))
    }

    /// Bytes of a number of each type.
    private static let sizes = [2: 2, 3: 4, 4: 2, 5: 4, 6: 4, 7: 8, 8: 1, 9: 1, 10: 1, 11: 8, 12: 8]

    /// Bytes of a value: a number, a text, a struct, or an array of one of them; nil for what is none of them.
    private static func length(of info: [Int], depth: Int = 0) -> Int? {
        guard let kind = info.first, depth < deepestArray else { return nil }
        switch kind {
        case 18: return info.count == 2 ? info[1] * 2 : nil
        case 15: return fields(of: info)
        case 20:
            guard info.count >= 3, let each = length(of: Array(info[1..<info.count - 1]), depth: depth + 1) else { return nil }
            let (bytes, overflows) = each.multipliedReportingOverflow(by: info[info.count - 1])
            return overflows ? nil : bytes
        default: return sizes[kind]
        }
    }

    /// A struct: 15, 0, the number of fields, then a name's length and a type for each.
    private static func fields(of info: [Int]) -> Int? {
        guard info.count >= 3, info.count == 3 + 2 * info[2] else { return nil }
        var total = 0
        for field in 0..<info[2] {
            guard let bytes = sizes[info[4 + 2 * field]] else { return nil }
            total += bytes
        }
        return total
    }

    private mutating func word() throws(ImagingError) -> Int { try unsigned(header.wordBytes, isBigEndian: true) }

    /// Numbers that describe are small; larger ones are held where no sum with them overflows.
    private mutating func unsigned(_ count: Int, isBigEndian: Bool) throws(ImagingError) -> Int {
        min(Int(clamping: MRCValues(bytes: try bytes(count), isBigEndian: isBigEndian).unsigned(0, count: count)), 1 << 40)
    }

    private mutating func bytes(_ count: Int) throws(ImagingError) -> [UInt8] {
        guard at + count <= size else { throw .truncated(file: file, expectedBytes: at + count, foundBytes: size) }
        defer { at += count }
        return try reader(at, count)
    }

    private func problem(_ detail: String) -> ImagingError { .notADM(file: file, detail: detail) }
}
