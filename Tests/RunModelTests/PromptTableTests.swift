import RunModel
import Testing

@Suite struct PromptTableTests {
    @Test(arguments: Prompt.Kind.allCases) func `every kind asks something and can be answered`(kind: Prompt.Kind) {
        #expect(!kind.row.question.isEmpty && !kind.answers.isEmpty)
        #expect(Set(kind.answers).count == kind.answers.count)
        #expect(kind.row.answers.allSatisfy { !$0.label.isEmpty })
    }

    @Test(arguments: Prompt.Kind.allCases) func `an answer that a kind does not take has no effect to be had`(kind: Prompt.Kind) {
        let all: [Prompt.Answer] = [.continue, .next, .again, .leave, .load, .skip]
        for answer in all where !kind.answers.contains(answer) {
            #expect(kind.row.effect(of: answer, inRun: true) == nil && kind.row.effect(of: answer, inRun: false) == nil)
        }
    }

    @Test func `what settles an exposure or a grid settles it also when the run has gone`() {
        #expect(Prompt.Kind.exposureUnknown.row.effect(of: .again, inRun: false) == .settleExposure(.again))
        #expect(Prompt.Kind.exposureUnknown.row.effect(of: .leave, inRun: false) == .settleExposure(.left))
        #expect(Prompt.Kind.gridFinished.row.effect(of: .next, inRun: false) == .endGrid)
        #expect(Prompt.Kind.cassetteChanged.row.effect(of: .skip, inRun: false) == .skipGrid)
        #expect(Prompt.Kind.stageUnclear.row.effect(of: .skip, inRun: false) == .skipGrid)
    }

    @Test func `failed targets are queued again also when the run has gone, and failed grids are the next start's anyway`() {
        #expect(Prompt.Kind.targetsFailAlike.row.effect(of: .again, inRun: false) == .tryAgain)
        #expect(Prompt.Kind.targetsFailAlike.row.effect(of: .next, inRun: false) == .endGrid)
        #expect(Prompt.Kind.gridsFailAlike.row.effect(of: .again, inRun: false) == .nothing)
        #expect(Prompt.Kind.gridsFailAlike.row.effect(of: .again, inRun: true) == .tryAgain)
    }

    @Test func `to continue means nothing when there is no run`() {
        for kind in [
            Prompt.Kind.gridFinished, .diskFull, .diskSilent, .fileSilent, .imagesSuspect, .targetsFailAlike, .gridsFailAlike,
            .stageUnclear,
        ] {
            #expect(kind.row.effect(of: .continue, inRun: true) == .resume)
            #expect(kind.row.effect(of: .continue, inRun: false) == .nothing)
        }
    }
}
