/// What the tags of one frame of a TIFF movie say, as far as frames of cameras go: one grey value a pixel.
struct TIFFDirectory: Sendable, Equatable {
    enum Sample: Sendable, Equatable { case unsigned, signed, real }

    var width = 0
    var height = 0
    var bits = 1
    var sample = Sample.unsigned
    var compression = 1
    var samplesPerPixel = 1
    /// Both 0 where the frame lies in strips.
    var tileWidth = 0
    var tileHeight = 0
    var rowsPerStrip = Int(UInt32.max)
    /// Bytes of all strips or tiles as they are stored, and how many there are.
    var storedBytes = 0
    var partCount = 0
    /// The first byte behind the last strip or tile.
    var end = 0
    /// Å, from the resolution; nil where it tells of print rather than of a specimen.
    var pixelSize: Double?

    var isTiled: Bool { tileWidth > 0 || tileHeight > 0 }
    var rowBytes: Int { (width * bits + 7) / 8 }
    var decodedBytes: Int { rowBytes * height }

    /// Where the frame's tags begin in the file, and how many there are.
    var offset = 0
    var tagCount = 0
    /// Where its strips are, of EER alone: libtiff has nothing to do with them.
    var strips: [Range<Int>] = []
    /// How events are coded, of EER alone.
    var codes: EERCodes?
    /// Where what the camera wrote about the movie stands (tag 65001), and where a description in words (tag 270).
    var metadata: Range<Int>?
    var description: Range<Int>?
}

extension TIFFDirectory {
    /// As for MRC files; frames beyond it are no camera's.
    private static let largestSide = 1 << 17
    private static let largestTile = 1 << 13
    /// Counted electrons shrink ten or twenty times at the most; what shrinks further is made to fill the memory.
    private static let densest = 200
    /// Bytes that need no such proof: small test pictures are even.
    private static let harmless = 64 << 20

    /// What a whole file may hold and is not read here; nil where there is nothing of it.
    var foreignness: String? {
        guard TIFFCompression.isReadable(compression) else {
            return "it is compressed by \(TIFFCompression.name(of: compression))"
        }
        if samplesPerPixel != 1 { return "it holds \(samplesPerPixel) values to a pixel, where a movie holds one" }
        guard isKnownSample else { return "it holds \(bits)-bit \(name(of: sample)) pixels" }
        return nil
    }

    /// Why the frame cannot be read though it is of a kind that can; nil where it can be. `fileBytes`: what the file holds now.
    func refusal(fileBytes: Int) -> String? {
        guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else {
            return "its header tells of \(width) x \(height) pixels"
        }
        if isTiled && !((1...Self.largestTile).contains(tileWidth) && (1...Self.largestTile).contains(tileHeight)) {
            return "its header tells of tiles of \(tileWidth) x \(tileHeight) pixels"
        }
        let promised = compression == 1 ? decodedBytes : max(1, (decodedBytes - Self.harmless) / Self.densest)
        guard storedBytes >= promised, storedBytes <= fileBytes else {
            return "its header tells of \(width) x \(height) pixels, for which its \(storedBytes) bytes are not enough"
        }
        return nil
    }

    private var isKnownSample: Bool {
        switch sample {
        case .unsigned: [4, 8, 16].contains(bits)
        case .signed: bits == 8 || bits == 16
        case .real: bits == 32
        }
    }

    private func name(of sample: Sample) -> String {
        switch sample {
        case .unsigned: "unsigned"
        case .signed: "signed"
        case .real: "floating-point"
        }
    }

    /// EER: events instead of pixels.
    var isEER: Bool { EERCodes.compressions.contains(compression) }
}
