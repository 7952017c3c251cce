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

    /// Where the frame's tags begin in the file.
    var offset = 0
}

extension TIFFDirectory {
    /// As for MRC files; frames beyond it are no camera's.
    private static let largestSide = 1 << 17
    private static let largestTile = 1 << 13
    /// Counted electrons shrink ten or twenty times at the most; what shrinks further is made to fill the memory.
    private static let densest = 200
    /// Bytes that need no such proof: small test pictures are even.
    private static let harmless = 64 << 20

    /// Why the frame cannot be read here; nil where it can. `fileBytes`: what the file holds now.
    func refusal(fileBytes: Int) -> String? {
        guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else {
            return "its header tells of \(width) x \(height) pixels"
        }
        if samplesPerPixel != 1 { return "it holds \(samplesPerPixel) values to a pixel, where a movie holds one" }
        guard isKnownSample else { return "it holds \(bits)-bit \(name(of: sample)) pixels, which are not read here" }
        guard [1, 5, 8, 32946].contains(compression) else {
            return "its compression (number \(compression)) is not read here"
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
    var isEER: Bool { (65000...65002).contains(compression) }
}
