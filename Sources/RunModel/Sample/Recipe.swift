/// One thing done at a level of a recipe.
public enum RecipeStep: String, Sendable, Codable, CaseIterable {
    case acquireAtlas, moveStage, realign, findEucentricHeight, acquireSearch, alignToHole, acquireView
    case autofocus, waitForDrift, record

    /// The levels of a recipe that may contain it.
    public var levels: Set<RecipeLevel> {
        switch self {
        case .acquireAtlas: [.atlas]
        case .realign, .findEucentricHeight, .acquireSearch: [.square]
        case .moveStage: [.square, .hole]
        case .alignToHole, .acquireView: [.hole]
        case .autofocus, .waitForDrift: [.hole, .highMag]
        case .record: [.highMag]
        }
    }

    /// True for what brings a hole to the middle of the image: done once for all holes that image shift reaches from there.
    public var bringsToMiddle: Bool {
        switch self {
        case .moveStage, .alignToHole, .acquireView: true
        case .acquireAtlas, .realign, .findEucentricHeight, .acquireSearch, .autofocus, .waitForDrift, .record: false
        }
    }
}

/// A level of a recipe, with the step that it cannot do without.
public enum RecipeLevel: String, Sendable, CaseIterable {
    case atlas, square, hole, highMag

    fileprivate var steps: WritableKeyPath<Recipe, [RecipeStep]> {
        switch self {
        case .atlas: \.atlas
        case .square: \.square
        case .hole: \.hole
        case .highMag: \.highMag
        }
    }

    public var neededStep: RecipeStep {
        switch self {
        case .atlas: .acquireAtlas
        case .square: .acquireSearch
        case .hole: .moveStage
        case .highMag: .record
        }
    }
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

    /// The steps of a level, in their order.
    public subscript(level: RecipeLevel) -> [RecipeStep] {
        get { self[keyPath: level.steps] }
        set { self[keyPath: level.steps] = newValue }
    }

    /// Steps at a level that may not contain them, and levels without the step that they cannot do without.
    public func problems() -> [Problem] {
        RecipeLevel.allCases.flatMap { level in
            let (name, steps) = (level.rawValue, self[level])
            let misplaced = steps.enumerated().filter { !$0.element.levels.contains(level) }
            return misplaced.map { Problem(level: level, step: $0, sentence: "\($1.rawValue) does not belong in \(name).") }
                + (steps.contains(level.neededStep)
                    ? [] : [Problem(level: level, step: nil, sentence: "\(name) needs \(level.neededStep.rawValue).")])
        }
    }
    public struct Problem: Hashable, Sendable {
        public var level: RecipeLevel
        /// Counted from 0; nil where one is missing.
        public var step: Int?
        public var sentence: String
    }
}
