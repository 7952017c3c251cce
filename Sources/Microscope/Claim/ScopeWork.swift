/// What a microscope is asked for in one go, by how long it may take.
enum ScopeWork {
    case question, loader, load, prepare, image, focus
    case atlas(tiles: Int)
    case exposure(seconds: Double)

    /// Seconds after which it has been answered, or the link has been given up: a claim that is to survive it must hold as long.
    var longest: Double {
        switch self {
        case .question: 180
        case .image: 240
        // The inventory that some loaders take before their first answer.
        case .loader: 1200
        case .load: 1800
        // Upkeep that is due, one after the other.
        case .prepare: 3600
        case .focus: 600
        case .atlas(let tiles): 300 + Double(tiles * tiles) * 60
        case .exposure(let seconds): 300 + 3 * seconds
        }
    }
}
