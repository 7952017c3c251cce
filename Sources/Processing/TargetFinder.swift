import RunModel

/// Finds squares on an atlas and holes on a square's image, and makes the pictures that pages show.
///
/// A problem means that nobody could look; an image that was searched and shows nothing gives an empty list. The work is long, so it runs
/// outside the engine's executor.
public protocol TargetFinder: Sendable {
    /// Makes a PNG of an image's file; both paths absolute.
    func makePicture(of file: String, into picture: String) async throws(FinderProblem)
    /// `path` is the image's file, absolute.
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget]
    func holes(on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern)
        async throws(FinderProblem)
        -> [FoundTarget]
    /// The middle of the hole nearest to the middle of its own image; nil where no hole is seen there. `size`: its diameter.
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint?
    /// How a grid lies in a new look at it against its atlas. `paths`: their files, absolute.
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement
}

/// A grid found again on the stage.
public struct FoundPlacement: Hashable, Sendable {
    public var placement: GridPlacement
    /// -1 to 1: how alike the two are from square to square.
    public var score: Double
    public init(placement: GridPlacement, score: Double) {
        self.placement = placement
        self.score = score
    }
}

/// A square or hole as a finder sees it: pixels of the image as stored.
public struct FoundTarget: Hashable, Sendable {
    public var point: PixelPoint
    public var size: Double
    public var targetClass: TargetClass
    public var brightness: Double
    /// nm.
    public var thickness: Double?
    public init(point: PixelPoint, size: Double, targetClass: TargetClass, brightness: Double, thickness: Double? = nil) {
        self.point = point
        self.size = size
        self.targetClass = targetClass
        self.brightness = brightness
        self.thickness = thickness
    }
}

/// Why nothing could be found on an image.
public struct FinderProblem: Explained, Equatable {
    public var sentence: String
    /// The disk gave no answer, so the image may be as good as any.
    public var isSilence: Bool
    public var code: String { "finder.problem" }
    public var remedy: String? { "Look at the image; targets can be added by hand." }
    public init(sentence: String, isSilence: Bool = false) {
        self.sentence = sentence
        self.isSilence = isSilence
    }
}
