/// An image with its place on the specimen: the map that lower levels are found on.
public struct MapImage: Hashable, Sendable, Codable {
    /// MRC file, relative to the session's directory.
    public var file: String
    /// PNG for the page, relative to the session's directory; nil until made.
    public var picture: String?
    /// Pixels.
    public var width: Int
    public var height: Int
    /// Å.
    public var pixelSize: Double
    /// Where the image's centre is.
    public var centre: StagePosition
    public var takenAt: Timestamp

    public init(
        file: String, picture: String? = nil, width: Int, height: Int, pixelSize: Double, centre: StagePosition,
        takenAt: Timestamp
    ) {
        self.file = file
        self.picture = picture
        self.width = width
        self.height = height
        self.pixelSize = pixelSize
        self.centre = centre
        self.takenAt = takenAt
    }

    /// Stage position of a pixel, rotation left out: images are turned to the stage's axes when they are taken.
    public func stage(at point: PixelPoint) -> StagePosition {
        StagePosition(
            x: centre.x + .ångströms((point.x - Double(width - 1) / 2) * pixelSize),
            y: centre.y + .ångströms((point.y - Double(height - 1) / 2) * pixelSize), z: centre.z)
    }

    /// Pixel of a stage position; may lie outside the image.
    public func pixel(at position: StagePosition) -> PixelPoint {
        PixelPoint(
            x: (position.x - centre.x).ångströms / pixelSize + Double(width - 1) / 2,
            y: (position.y - centre.y).ångströms / pixelSize + Double(height - 1) / 2)
    }
}
