/// What a person thinks of a grid.
public enum GridQuality: String, Sendable, Codable, CaseIterable {
    case good, bad
}

/// What a person thinks of one high-mag image: how good it is, or what is wrong with it.
public enum ImageRating: String, Sendable, Codable, CaseIterable {
    case great, acceptable, notBad
    /// The film is torn.
    case cracked
    /// A hole without ice, or without particles.
    case empty
    case contaminated
    /// Crystalline, or too thick.
    case badIce
    /// The image is not of the hole that was meant.
    case missed
}

/// Quality and notes of a grid as its report shows them, with who wrote last.
public struct GridNotes: Hashable, Sendable, Codable {
    public var quality: GridQuality?
    public var text: String
    public var by: String
    public var at: Timestamp
}
