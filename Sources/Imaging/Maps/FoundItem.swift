/// What a square or hole looks like to the finders.
public enum FoundClass: String, Sendable, Codable, CaseIterable {
    case good
    /// Much less of it than of its neighbours.
    case small
    /// Cut by the border of the image or of the square.
    case partial
    /// Brighter than its neighbours: the film is torn or missing.
    case cracked
    /// Darker than its neighbours: thick ice, or covered.
    case dark
    /// Uneven inside.
    case contaminated
}

/// A square or a hole on an image; places and sizes in pixels of the image as stored, y upwards.
public struct FoundItem: Sendable, Equatable, Codable {
    public var x: Double
    public var y: Double
    /// Side of a square, diameter of a hole.
    public var size: Double
    public var `class`: FoundClass
    /// Mean of the pixels well inside.
    public var mean: Double
    /// How well it was seen, 0…1; low where only its neighbours say that it must be there.
    public var score: Double
    /// Its place on the lattice of its neighbours, where there is one.
    public var row: Int?
    public var column: Int?
    /// Of the ice in a hole, nm: what it lets through less than vacuum, or where no vacuum was told than the brightest place seen.
    public var thickness: Double?
}
