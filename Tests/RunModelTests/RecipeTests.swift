import RunModel
import Testing

@Suite struct RecipeTests {
    private func recipe(_ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
        var recipe = Recipe(
            name: "spa", title: "SPA", targets: .holes, atlas: [.acquireAtlas], square: [.moveStage, .realign, .acquireSearch],
            hole: [.moveStage, .alignToHole, .acquireView], highMag: [.autofocus, .record])
        change(&recipe)
        return recipe
    }

    @Test func `a recipe that each level can carry out has no problem`() { #expect(recipe().problems() == []) }

    @Test(arguments: RecipeStep.allCases) func `a step is refused at every level that may not contain it`(step: RecipeStep) {
        #expect(!step.levels.isEmpty)
        for level in RecipeLevel.allCases {
            let problems = recipe { $0[level].append(step) }.problems()
            #expect(problems.allSatisfy { $0.level == level && $0.step == recipe()[level].count })
            #expect(
                problems.map(\.sentence)
                    == (step.levels.contains(level) ? [] : ["\(step.rawValue) does not belong in \(level.rawValue)."]))
        }
    }

    @Test(arguments: RecipeLevel.allCases) func `a level without the step it cannot do without is refused`(level: RecipeLevel) {
        #expect(recipe { $0[level] = [] }.problems().map(\.sentence) == ["\(level.rawValue) needs \(level.neededStep.rawValue)."])
    }
}
