import Processing
import RunModel

/// One step of a recipe: a small act at a place, which sees the column and the run, and nothing else.
///
/// To add one: its name and level in `RecipeStep`, a type here, its row in the table below.
protocol Step: Sendable {
    func carryOut(_ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext) async throws(RunEnd)
        -> StepOutcome
}

/// How a step ended, where the run goes on. "Could not look" is no answer to whether something is there, so nobody can take it for one.
enum StepOutcome {
    case done
    case foundNothing
    case couldNotLook(FinderProblem)
}

extension RecipeStep {
    /// The one table of steps: a new name does not compile without its row.
    var step: any Step {
        switch self {
        case .acquireAtlas: AcquireAtlas()
        case .moveStage: MoveStage()
        case .realign: Realign(kind: .square)
        case .alignToHole: Realign(kind: .hole)
        case .findEucentricHeight: FindEucentricHeight()
        case .acquireSearch: AcquireSearch()
        case .acquireView: AcquireView()
        case .autofocus: Autofocus()
        case .waitForDrift: WaitForDrift()
        case .record: Record()
        }
    }
}

extension RecipeStep {
    /// Noted first, for whoever must say what the engine was at.
    func carryOut(_ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext) async throws(RunEnd)
        -> StepOutcome
    {
        run.note("the step \(rawValue)")
        return try await step.carryOut(&acquisition, column, run)
    }
}

/// What is being acquired: the place, and what the steps of its level have found so far.
struct Acquisition {
    let grid: Grid
    let recipe: Recipe
    /// The square or hole; nil for the grid as a whole.
    let target: Target?
    /// The exposure within a hole, at the level of one exposure.
    var exposure: PlannedExposure?
    /// What autofocus aims at.
    var aim: Length = .zero
    /// The image shift that is set.
    var shift: PlaneShift = .zero
    /// What autofocus read last, where it measured.
    var measuredDefocus: Length?

    init(_ grid: Grid, _ recipe: Recipe, _ target: Target? = nil) {
        self.grid = grid
        self.recipe = recipe
        self.target = target
    }

    /// A step that belongs to another level is kept out when a recipe is read; this says so should one come through.
    func place() throws(RunEnd) -> Target {
        guard let target else { throw .grid(.misplacedStep(in: recipe)) }
        return target
    }

    func plannedExposure() throws(RunEnd) -> PlannedExposure {
        guard let exposure else { throw .grid(.misplacedStep(in: recipe)) }
        return exposure
    }
}

/// Which exposure of a hole comes next.
struct PlannedExposure {
    let id: MicrographID
    /// How many the hole gets in all.
    let of: Int
}

extension Failure {
    fileprivate static func misplacedStep(in recipe: Recipe) -> Failure {
        Failure(
            code: "recipe.unusable", sentence: "The recipe '\(recipe.name)' has a step where it cannot be carried out.",
            remedy: "Correct its file.")
    }
}
