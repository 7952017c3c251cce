import RunModel

/// A TIFF movie, one directory to a frame.
///
/// TIFF stores the top row first. Every frame is turned upside down in reading, so that row 0 is the bottom row as in MRC files. Each
/// reading opens the file for itself, since libtiff's place in it belongs to one thread.
public struct TIFFFile: MovieSource {
    public let path: String
    public let width: Int
    public let height: Int
    /// Å, from the resolution SerialEM writes; nil where the file does not tell.
    public let pixelSize: Double?
    let directories: [TIFFDirectory]

    public var frameCount: Int { directories.count }
    public var storedBits: Int { directories[0].bits }

    /// What the program that wrote it says of it in words.
    public let title: String

    /// Reads the tags of every frame and checks that the file holds what they promise.
    public init(path: String) throws(ImagingError) {
        let found = try Found(path: path)
        try self.init(found)
    }

    /// A movie of pixels, or of a counting camera's events.
    static func movie(path: String, eer: EERSettings) throws(ImagingError) -> any MovieSource {
        let found = try Found(path: path)
        if found.directories.contains(where: \.isEER) { return try EERFile(found, settings: eer) }
        return try TIFFFile(found)
    }

    /// A file and its frames' tags, before anybody has looked whether they can be read.
    struct Found {
        let path: String
        let file: PixelFile
        let size: Int
        let directories: [TIFFDirectory]

        init(path: String) throws(ImagingError) {
            let file = try PixelFile(reading: path)
            let size = try file.size()
            let walk = try TIFFWalk(file: path, size: size) { offset, count throws(ImagingError) in
                try file.read(at: offset, count: count)
            }
            (self.path, self.file, self.size, directories) = (path, file, size, try walk.directories())
        }

        func text(_ place: Range<Int>?) throws(ImagingError) -> String {
            guard let place else { return "" }
            let bytes = try file.read(at: place.lowerBound, count: place.count)
            return ForeignText.decode(bytes.prefix { $0 != 0 })
        }
    }

    private init(_ found: Found) throws(ImagingError) {
        (path, directories) = (found.path, found.directories)
        (width, height, pixelSize) = (directories[0].width, directories[0].height, directories[0].pixelSize)
        title = try found.text(directories[0].description)
        for (index, directory) in directories.enumerated() {
            if let reason = directory.foreignness { throw .unsupportedTIFF(file: path, detail: reason) }
            if let refusal = directory.refusal(fileBytes: found.size) { throw .notATIFF(file: path, detail: refusal) }
            guard directory.width == width, directory.height == height else {
                throw .sizesDiffer(
                    what: "Frame \(index + 1) of \(path)", expected: "\(width) x \(height)",
                    found: "\(directory.width) x \(directory.height)")
            }
        }
    }

    /// Strips that are low enough; a tile or a whole frame would be decoded again for every few rows.
    public var readsRows: Bool { directories.allSatisfy { !$0.isTiled && $0.rowsPerStrip <= 64 } }

    public func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try read(index, rows: 0..<height, into: target)
    }

    public func read(_ index: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        guard directories.indices.contains(index) else { throw .noSuchFrame(file: path, frame: index, count: frameCount) }
        let directory = directories[index]
        let handle = try TIFFHandle(path: path, mode: "rmc")
        try handle.go(to: directory.offset)
        guard handle.size() == (directory.width, directory.height, directory.bits) else {
            throw .notATIFF(file: path, detail: "it changed while it was read")
        }
        let parts = TIFFParts(directory)
        guard parts.count <= directory.partCount else {
            throw .notATIFF(file: path, detail: "frame \(index + 1) has \(directory.partCount) parts of \(parts.count)")
        }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: parts.largestBytes, alignment: 16)
        defer { block.deallocate() }
        for part in 0..<parts.count where parts.rows(part).overlaps(rows) {
            let bytes = UnsafeMutableRawBufferPointer(rebasing: block[0..<parts.bytes(part)])
            if directory.isTiled { try handle.readTile(part, into: bytes) } else { try handle.readStrip(part, into: bytes) }
            parts.decode(UnsafeRawBufferPointer(bytes), part: part, rows: rows, into: target)
        }
    }
}

/// The strips or tiles of a frame, and where their pixels belong in an image whose row 0 is the bottom row.
struct TIFFParts {
    private let directory: TIFFDirectory
    private let partWidth: Int
    private let partHeight: Int
    private let across: Int
    private let down: Int

    init(_ directory: TIFFDirectory) {
        self.directory = directory
        partWidth = directory.isTiled ? directory.tileWidth : directory.width
        partHeight = directory.isTiled ? directory.tileHeight : max(1, min(directory.rowsPerStrip, directory.height))
        across = (directory.width + partWidth - 1) / partWidth
        down = (directory.height + partHeight - 1) / partHeight
    }

    var count: Int { across * down }
    var largestBytes: Int { rowBytes * partHeight }
    private var rowBytes: Int { (partWidth * directory.bits + 7) / 8 }

    /// The last strip may be shorter; tiles are always whole.
    func bytes(_ part: Int) -> Int {
        directory.isTiled ? largestBytes : rowBytes * min(partHeight, directory.height - part * partHeight)
    }

    /// Of the image, row 0 at the bottom.
    func rows(_ part: Int) -> Range<Int> {
        let top = part / across * partHeight
        return max(0, directory.height - top - partHeight)..<directory.height - top
    }

    /// `rows`: which of the image's are wanted; `target` has these alone.
    func decode(_ bytes: UnsafeRawBufferPointer, part: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) {
        let (left, top) = (part % across * partWidth, part / across * partHeight)
        let columns = min(partWidth, directory.width - left)
        for row in 0..<min(partHeight, directory.height - top) where rows.contains(directory.height - 1 - top - row) {
            let line = UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
            let start = (directory.height - 1 - top - row - rows.lowerBound) * directory.width + left
            TIFFPixels.decode(line, directory, into: UnsafeMutableBufferPointer(rebasing: target[start..<start + columns]))
        }
    }
}

/// Stored numbers to pixels; libtiff has put their bytes into this machine's order.
enum TIFFPixels {
    static func decode(_ line: UnsafeRawBufferPointer, _ directory: TIFFDirectory, into target: UnsafeMutableBufferPointer<Float>)
    {
        switch (directory.bits, directory.sample) {
        case (8, .signed): convert(line, Int8.self, target) { Float($0) }
        case (8, _): convert(line, UInt8.self, target) { Float($0) }
        case (16, .signed): convert(line, Int16.self, target) { Float($0) }
        case (16, _): convert(line, UInt16.self, target) { Float($0) }
        // As for MRC: one damaged number would spoil every sum it enters.
        case (32, _): convert(line, Float.self, target) { abs($0) < 1e15 ? $0 : 0 }
        // The left pixel of two has the high four bits.
        default: for x in target.indices { target[x] = Float(x % 2 == 0 ? line[x / 2] >> 4 : line[x / 2] & 15) }
        }
    }

    @inline(__always)
    private static func convert<Stored>(
        _ line: UnsafeRawBufferPointer, _ type: Stored.Type, _ target: UnsafeMutableBufferPointer<Float>,
        _ value: (Stored) -> Float
    ) {
        let base = line.baseAddress!
        for x in 0..<target.count {
            target[x] = value(base.loadUnaligned(fromByteOffset: x * MemoryLayout<Stored>.stride, as: Stored.self))
        }
    }
}
