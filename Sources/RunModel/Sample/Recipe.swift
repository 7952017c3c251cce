/// One thing done at a level of a recipe.
public enum RecipeStep: String, Sendable, Codable, CaseIterable {
    case acquireAtlas, moveStage, realign, findEucentricHeight, acquireSearch, alignToHole, acquireView
    case autofocus, waitForDrift, record
}

/// The ordered steps at each level: a facility's YAML file, never code.
public struct Recipe: Hashable, Sendable, Codable {
    /// What high-mag targets are looked for on a square: holes of the film, or evenly spread areas of a continuous one.
    public enum TargetPattern: String, Sendable, Codable { case holes, areas }

    public var name: String
    public var title: String
    public var targets: TargetPattern
    public var atlas: [RecipeStep]
    public var square: [RecipeStep]
    public var hole: [RecipeStep]
    public var highMag: [RecipeStep]

    public init(
        name: String, title: String, targets: TargetPattern, atlas: [RecipeStep], square: [RecipeStep], hole: [RecipeStep],
        highMag: [RecipeStep]
    ) {
        self.name = name
        self.title = title
        self.targets = targets
        self.atlas = atlas
        self.square = square
        self.hole = hole
        self.highMag = highMag
    }

    /// What each level may contain, and what it cannot do without.
    public func problems() -> [String] {
        let levels: [(String, [RecipeStep], allowed: Set<RecipeStep>, needed: RecipeStep)] = [
            ("atlas", atlas, [.acquireAtlas], .acquireAtlas),
            ("square", square, [.moveStage, .realign, .findEucentricHeight, .acquireSearch], .acquireSearch),
            ("hole", hole, [.moveStage, .alignToHole, .acquireView, .autofocus, .waitForDrift], .moveStage),
            ("highMag", highMag, [.autofocus, .waitForDrift, .record], .record),
        ]
        return levels.flatMap { name, steps, allowed, needed in
            steps.filter { !allowed.contains($0) }.map { "\($0.rawValue) does not belong in \(name)." }
                + (steps.contains(needed) ? [] : ["\(name) needs \(needed.rawValue)."])
        }
    }
}
