/// In which passes the grids of a session are worked through.
public enum SessionPlan: String, Sendable, Codable, CaseIterable {
    /// Each grid from its atlas to its last exposure before the next is loaded.
    case screenEachGrid
    /// The atlas of every grid first; then the run asks.
    case atlasesFirst
    /// Grids on which something is queued, and no other.
    case collectQueued

    public var words: String {
        switch self {
        case .screenEachGrid: "screen each grid fully"
        case .atlasesFirst: "atlas of every grid, then ask"
        case .collectQueued: "collect what is queued"
        }
    }
}
