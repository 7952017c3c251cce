import Microscope
import RunModel

/// What a camera looks at: the grid, the true place, and what lens and stage do to the image.
public struct CameraView: Sendable {
    public let specimen: SimulatedSpecimen
    package var centre: SpecimenPoint
    /// Å, positive under focus, as a CTF has it.
    let underFocus: Double
    /// Å between the principal defoci, and the direction of the stronger one, radians from x.
    let astigmatism: Double
    let astigmatismAngle: Double
    /// Å/s.
    package let drift: SpecimenPoint
    /// V and Å.
    let voltage: Double
    let cs: Double
    /// Decides the noise of this image.
    package var seed: UInt64
    package var isDark: Bool
    /// Only the first half reaches the disk.
    package let isCutShort: Bool

    /// The true place of the specimen in the middle of the image.
    public var position: StagePosition { centre.stage }
}

/// Size of a picture that was taken.
public struct PictureSize: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// Å.
    public let pixelSize: Double
}

/// A movie that was written.
public struct TakenMovie: Hashable, Sendable {
    /// What it measures on the disk.
    public let bytes: Int
    public let reading: CameraReading
    public init(bytes: Int, reading: CameraReading) {
        self.bytes = bytes
        self.reading = reading
    }
}

/// A camera under a simulated column: with pixels, or without any.
public protocol SimulatedCamera: Sendable {
    var optics: CameraOptics { get }
    /// Montage pieces, bottom row first; joined into one file.
    func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize
    func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize
    func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie
    /// Looks for a mapped feature near the middle of the view; nil where there is none.
    func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature?
    /// What a movie measures on the disk now; `noted`: the bytes that `takeMovie` returned.
    func bytes(of file: String, noted: Int?) -> Int?
    /// What a whole movie measures.
    func movieBytes(frames: Int) -> Int
}

/// Pixels and magnifications of a camera. An atlas fits the grid, Search a square, View a few holes.
public struct CameraOptics: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// Å at the Record magnification.
    public let recordPixelSize: Double

    public init(width: Int, height: Int, recordPixelSize: Double) {
        self.width = width
        self.height = height
        self.recordPixelSize = recordPixelSize
    }

    public init(_ detector: DetectorDescription) {
        self.init(width: detector.width, height: detector.height, recordPixelSize: detector.pixelSize)
    }

    private var shorterSide: Double { Double(min(width, height)) }

    /// Å. The whole grid and a little of its rim, without overlap between the pieces.
    public func atlasPixelSize(_ specimen: SimulatedSpecimen, tiles: Int) -> Double {
        specimen.radius.ångströms * 2.06 / (shorterSide * Double(tiles))
    }
    /// Å. A little more than one square, turned as it may be.
    public func searchPixelSize(_ specimen: SimulatedSpecimen) -> Double { specimen.squareSide.ångströms * 1.3 / shorterSide }
    /// Å. Five holes across.
    public func viewPixelSize(_ specimen: SimulatedSpecimen) -> Double { specimen.holeType.spacing.ångströms * 5 / shorterSide }

    /// Å.
    public func pixelSize(_ area: LowDoseArea, _ specimen: SimulatedSpecimen) -> Double {
        switch area {
        case .search: searchPixelSize(specimen)
        case .view: viewPixelSize(specimen)
        case .focus, .record, .preview: recordPixelSize
        }
    }
}
