/// How the pixels of an MRC file are stored.
public enum MRCMode: Int, Sendable, CaseIterable {
    case int8 = 0
    case int16 = 1
    case float32 = 2
    case uint16 = 6
    case float16 = 12
    /// Two pixels to a byte, the left one in the low four bits, each row filled up to a whole byte. Read only.
    case packed4 = 101

    var bits: Int {
        switch self {
        case .packed4: 4
        case .int8: 8
        case .int16, .uint16, .float16: 16
        case .float32: 32
        }
    }

    func bytes(width: Int, height: Int) -> Int {
        switch self {
        case .int8: width * height
        case .int16, .uint16, .float16: width * height * 2
        case .float32: width * height * 4
        case .packed4: (width + 1) / 2 * height
        }
    }
}

/// The 1024 bytes before the pixels, as far as they are understood here (MRC2014, and files from before it).
public struct MRCHeader: Sendable, Equatable {
    static let size = 1024

    public var width: Int
    public var height: Int
    public var sections: Int
    public var mode: MRCMode
    /// Å; nil where the file does not tell.
    public var pixelSize: Double?
    /// As written in the file; nil where it says they were not computed.
    public var statistics: (minimum: Float, maximum: Float, mean: Float, rms: Float)?
    public var labels: [String] = []
    /// A volume (space group 1 or more) rather than a stack of images.
    public var isVolume = false
    /// Whether a file that is written counts a sample in z for each section though it is no volume, as SerialEM's stacks do.
    var hasSampleForEachSection = false
    /// Bytes between header and pixels, and the four letters that name their kind.
    public var extendedBytes = 0
    public var extendedKind = ""
    /// Bytes of one section in SerialEM's extended header, and the flags of what they are.
    var sectionHeaderBytes = 0
    var sectionHeaderFlags = 0
    public var isBigEndian = false
    /// Mode 0 of files from before 2014 may mean bytes from 0 to 255.
    public var bytesAreSigned = true
    /// How the frames were turned, as SerialEM counts it, where the labels tell.
    public var rotationAndFlip: Int? { SerialEMTitle.rotationAndFlip(in: labels) }

    public init(width: Int, height: Int, sections: Int, mode: MRCMode, pixelSize: Double? = nil) {
        self.width = width
        self.height = height
        self.sections = sections
        self.mode = mode
        self.pixelSize = pixelSize
    }

    public var sectionBytes: Int { mode.bytes(width: width, height: height) }
    public var firstPixel: Int { Self.size + extendedBytes }
    public var fileBytes: Int { firstPixel + sections * sectionBytes }

    public static func == (a: Self, b: Self) -> Bool {
        a.width == b.width && a.height == b.height && a.sections == b.sections && a.mode == b.mode
            && a.pixelSize == b.pixelSize && a.labels == b.labels && a.isVolume == b.isVolume
            && a.extendedBytes == b.extendedBytes && a.isBigEndian == b.isBigEndian
            && a.bytesAreSigned == b.bytesAreSigned && a.statistics?.mean == b.statistics?.mean
    }
}
