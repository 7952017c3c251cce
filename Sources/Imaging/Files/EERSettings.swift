/// How a counting camera's thousand frames of single electrons become frames that can be aligned.
public struct EERSettings: Sendable, Equatable {
    /// Pixels along each side of one of the detector's: 1 or 2.
    public var upsampling: Int
    public var grouping: Grouping
    /// e/Å² of the whole movie, where it is known; needed to group by dose.
    public var dose: Double?

    public enum Grouping: Sendable, Equatable {
        /// e/Å² in each frame.
        case dose(Double)
        /// So many of the camera's frames in each.
        case frames(Int)
    }

    public init(upsampling: Int = 1, grouping: Grouping = .dose(1), dose: Double? = nil) {
        (self.upsampling, self.grouping, self.dose) = (upsampling, grouping, dose)
    }

    /// As many frames as most movies have, where the dose is not known.
    private static let usual = 40
    /// Fewer could not be aligned, more would not fit into memory.
    private static let possible = 8...400

    /// How many frames so many of the camera's become, as equal as they can be.
    func count(of raw: Int) -> Int {
        let wanted: Int
        switch grouping {
        case .frames(let each): return max(1, raw / max(1, each))
        case .dose(let each):
            guard let dose, dose > 0, each > 0, dose / each < 1e6 else { return min(raw, Self.usual) }
            wanted = Int((dose / each).rounded())
        }
        return min(raw, min(max(wanted, Self.possible.lowerBound), Self.possible.upperBound))
    }
}
