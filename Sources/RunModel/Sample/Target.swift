/// What a finder thinks of a square or a hole.
public enum TargetClass: String, Sendable, Codable, CaseIterable {
    case good, small, partial, contaminated, cracked, dark
}

/// A window of the mesh, or a hole in the foil: something that can be queued.
public struct Target: Hashable, Sendable, Codable {
    public var id: TargetID
    /// Its centre on the map it was found on: the atlas for a square, the square's image for a hole.
    public var point: PixelPoint
    /// Pixels of that map: a square's side, a hole's diameter.
    public var size: Double
    public var stage: StagePosition
    public var targetClass: TargetClass
    /// Mean grey value on the map, as a fraction of its brightest targets.
    public var brightness: Double
    /// Of a hole's ice, nm; nil where the map does not tell.
    public var thickness: Double?
    /// The hole that the stage goes to for this one, which the beam then reaches by image shift; its own id in the middle of a group.
    public var groupCentre: TargetID?
    /// Where a hole's own image showed its middle, from where it was looked for.
    public var offset: PlaneShift?
    public var status: TargetStatus
    /// Exposures that a hole is to have in all, those that it has had among them; nil until it was first queued.
    public var exposures: Int?
    /// Its own image, once taken.
    public var image: MapImage?
    /// What went wrong, in a sentence.
    public var problem: String?

    public init(
        id: TargetID, point: PixelPoint, size: Double, stage: StagePosition, targetClass: TargetClass, brightness: Double,
        thickness: Double? = nil, status: TargetStatus = .found
    ) {
        self.id = id
        self.point = point
        self.size = size
        self.stage = stage
        self.targetClass = targetClass
        self.brightness = brightness
        self.thickness = thickness
        self.status = status
    }

    enum CodingKeys: String, CodingKey {
        case id, point, size, stage, brightness, thickness, groupCentre, offset, status, exposures, image, problem
        case targetClass = "class"
    }
}
