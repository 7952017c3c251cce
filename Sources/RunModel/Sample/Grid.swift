/// A grid in its autoloader slot.
public struct Grid: Hashable, Sendable, Codable {
    public var id: GridID
    public var name: String
    /// Autoloader slot, 1 to 12.
    public var slot: Int
    /// `R1.2/1.3`, `R2/1`…; nil when unknown.
    public var holeType: String?
    public var meshMaterial: String?
    /// Name of the facility's recipe.
    public var recipe: String
    /// What its folder and its files are named for; nil where that is its name. One that is renamed keeps its folder, begun or not.
    public var filesNamedFor: String?

    public init(id: GridID, name: String, slot: Int, holeType: String?, meshMaterial: String?, recipe: String) {
        self.id = id
        self.name = name
        self.slot = slot
        self.holeType = holeType
        self.meshMaterial = meshMaterial
        self.recipe = recipe
    }
}

extension Grid {
    /// `6_gpcr_B2`: below the session's directory.
    public var directory: String { "\(slot)_\(fileName)" }
    /// The name, or that which it had when it was begun, as far as it can stand in a file's name.
    public var fileName: String {
        String((filesNamedFor ?? name).map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
    }
    /// As its hole type says; 1.2 µm, the commonest, where that is not known.
    package var holeDiameter: Length { holeType.flatMap(HoleType.init)?.diameter ?? .micrometres(1.2) }
}

/// The regular pattern of a holey film, as its maker names it.
public struct HoleType: Hashable, Sendable {
    public let diameter: Length
    public let spacing: Length

    /// Reads `R1.2/1.3`: holes of 1.2 µm, 1.3 µm of film between their edges. Nil for anything else.
    public init?(_ name: String) {
        guard name.first == "R" || name.first == "r" else { return nil }
        let parts = name.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let diameter = Double(parts[0]), let gap = Double(parts[1]), diameter > 0, gap > 0,
            diameter < 50, gap < 50
        else { return nil }
        self.diameter = .micrometres(diameter)
        self.spacing = .micrometres(diameter + gap)
    }
}
