/// When a grid that was loaded again is taken for the one of its atlas.
public enum MatchRule {
    /// From square to square, -1 to 1. Of grids with one mesh, another gives up to 0.5 and the same one 0.8 and more.
    public static let limit = 0.65
    /// Montage pieces along each side of the first look.
    public static let quickTiles = 2

    public static func isDoubtful(_ score: Double) -> Bool { !(score >= limit) }
}
