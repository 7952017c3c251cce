/// Where the goniometer holds the specimen: µm in the stage's own frame, z the height.
public struct StagePosition: Hashable, Sendable, Codable {
    public var x: Length
    public var y: Length
    public var z: Length

    public init(x: Length, y: Length, z: Length = .zero) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// Distance in the plane; the height is left out.
    public func distance(to other: StagePosition) -> Length {
        let dx = (x - other.x).micrometres
        let dy = (y - other.y).micrometres
        return .micrometres((dx * dx + dy * dy).squareRoot())
    }

    public func moved(by shift: PlaneShift) -> StagePosition { StagePosition(x: x + shift.x, y: y + shift.y, z: z) }
}

/// A displacement in the specimen plane: an image shift, or what an alignment measured.
public struct PlaneShift: Hashable, Sendable, Codable {
    public var x: Length
    public var y: Length

    public init(x: Length, y: Length) {
        self.x = x
        self.y = y
    }

    public static let zero = PlaneShift(x: .zero, y: .zero)
    public var length: Length { .micrometres((x.micrometres * x.micrometres + y.micrometres * y.micrometres).squareRoot()) }
    public static func + (left: PlaneShift, right: PlaneShift) -> PlaneShift {
        PlaneShift(x: left.x + right.x, y: left.y + right.y)
    }
    public static prefix func - (shift: PlaneShift) -> PlaneShift { PlaneShift(x: -shift.x, y: -shift.y) }
}

/// A place in an image: pixels of the file as stored, row 0 at the bottom, the first pixel's centre at (0, 0).
public struct PixelPoint: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}
