// Every kind of question that a run may ask. A new kind is a case here and its row below; nothing else in Swift has to know it but the
// step that asks.

extension Prompt {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case gridFinished, exposureUnknown, diskFull, diskSilent, fileSilent, cassetteChanged, imagesSuspect, targetsFailAlike,
            gridsFailAlike, stageUnclear, imagedBefore, atlasesTaken, matchDoubtful
    }
    public enum Answer: String, Sendable, Codable {
        case `continue`, next, again, leave, load, skip, collect, screen
    }
}

/// Everything about a kind of question: what is asked, which answers it takes, and what each of them does.
public struct PromptRow: Hashable, Sendable {
    /// One answer: the button's words, and what it does.
    public struct Answer: Hashable, Sendable {
        public var answer: Prompt.Answer
        public var label: String
        /// What the run that asked does with it.
        public var inRun: PromptEffect
        /// What is written for a question that outlived its run; the next Start finds it so.
        public var withoutRun: PromptEffect
    }
    /// As the imaging log says that the run waits.
    public var question: String
    public var answers: [Answer]

    /// Nil for an answer that this kind does not take.
    public func effect(of answer: Prompt.Answer, inRun: Bool) -> PromptEffect? {
        answers.first { $0.answer == answer }.map { inRun ? $0.inRun : $0.withoutRun }
    }

    /// As its button says it.
    public func label(of answer: Prompt.Answer) -> String {
        answers.first { $0.answer == answer }?.label ?? answer.rawValue
    }
}

/// What an answer does.
public enum PromptEffect: Hashable, Sendable {
    /// The run goes on where it asked, and looks again at what made it ask.
    case resume
    /// The grid is complete; what is still queued goes back to the found.
    case endGrid
    /// The grid is left in the cassette.
    case skipGrid
    /// The cassette is believed as it is now.
    case acceptCassette
    /// The exposure in question is settled.
    case settleExposure(ExposureSettled.Outcome)
    /// What failed is tried once more, except what was exposed or may have been.
    case tryAgain
    /// The grids are worked through in these passes from now on.
    case followPlan(SessionPlan)
    /// Nothing is written: the question comes back with the next run if its cause is still there.
    case nothing
}

extension Prompt.Kind {
    /// The one table of prompts: a new kind does not compile without its row.
    public var row: PromptRow {
        switch self {
        case .gridFinished:
            PromptRow(
                question: "The grid is finished. Waiting for an answer: continue, or proceed to the next grid.",
                answers: [
                    .init(answer: .continue, label: "Continue current grid", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .next, label: "Proceed to next grid", inRun: .endGrid, withoutRun: .endGrid),
                ])
        case .exposureUnknown:
            PromptRow(
                question: "Nobody can tell whether an exposure was made. Waiting for an answer: take it again, or leave it.",
                answers: [
                    .init(answer: .again, label: "Take it again", both: .settleExposure(.again)),
                    .init(answer: .leave, label: "Leave it", both: .settleExposure(.left)),
                ])
        case .diskFull:
            .continuing("Disk full. The run waits until space is freed and somebody continues it.")
        case .diskSilent:
            .continuing(
                "A disk or a folder cannot be used. The run waits until it can be, or until somebody presses Continue.")
        case .fileSilent:
            PromptRow(
                question:
                    "An image could not be written or read, three times. The run waits until somebody has looked and tries it again.",
                answers: [.init(answer: .continue, label: "Try again", inRun: .resume, withoutRun: .nothing)])
        case .cassetteChanged:
            PromptRow(
                question: "The cassette has changed. Waiting for an answer: load the cartridge, or skip the grid.",
                answers: [
                    .init(answer: .load, label: "Load it", both: .acceptCassette),
                    .init(answer: .skip, label: "Skip the grid", both: .skipGrid),
                ])
        case .stageUnclear:
            PromptRow(
                question:
                    "Nobody can tell whether the grid is on the stage. Waiting for an answer: it is there, or skip the grid.",
                answers: [
                    .init(answer: .continue, label: "It is on the stage", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .skip, label: "Skip the grid", both: .skipGrid),
                ])
        case .imagedBefore:
            PromptRow(
                question:
                    "The grid's folder has movies that the store knows nothing of. Waiting for an answer: image the grid, or skip it.",
                answers: [
                    .init(answer: .continue, label: "Image this grid", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .skip, label: "Skip the grid", both: .skipGrid),
                ])
        case .atlasesTaken:
            PromptRow(
                question:
                    "The atlases are taken. Waiting for an answer: collect what is queued, or screen each grid fully.",
                answers: [
                    .init(answer: .collect, label: "Collect what is queued", both: .followPlan(.collectQueued)),
                    .init(answer: .screen, label: "Screen each grid fully", both: .followPlan(.screenEachGrid)),
                ])
        case .matchDoubtful:
            PromptRow(
                question:
                    "The grid on the stage does not look like its atlas. Waiting for an answer: it is this grid, look again, or skip it.",
                answers: [
                    .init(answer: .continue, label: "It is this grid", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .again, label: "Look again", inRun: .tryAgain, withoutRun: .nothing),
                    .init(answer: .skip, label: "Skip the grid", both: .skipGrid),
                ])
        case .imagesSuspect:
            .continuing("The images look wrong. The run waits until somebody has checked them and continues it.")
        case .targetsFailAlike:
            PromptRow(
                question:
                    "Three targets in a row failed alike. Waiting for an answer: continue, try them again, or proceed to the next grid.",
                answers: [
                    .init(answer: .continue, label: "Continue run", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .again, label: "Try these again", both: .tryAgain),
                    .init(answer: .next, label: "Proceed to next grid", both: .endGrid),
                ])
        // Without a run there is nothing to settle: the next Start tries every failed grid.
        case .gridsFailAlike:
            PromptRow(
                question:
                    "Two grids in a row failed for the same reason. Waiting for an answer: continue with the next grid, or try them again.",
                answers: [
                    .init(answer: .continue, label: "Continue with the next grid", inRun: .resume, withoutRun: .nothing),
                    .init(answer: .again, label: "Try these again", inRun: .tryAgain, withoutRun: .nothing),
                ])
        }
    }

    public var answers: [Prompt.Answer] { row.answers.map(\.answer) }
}

extension PromptRow {
    /// A question with one answer, *Continue run*. Without a run there is nothing to continue.
    fileprivate static func continuing(_ question: String) -> PromptRow {
        PromptRow(
            question: question,
            answers: [.init(answer: .continue, label: "Continue run", inRun: .resume, withoutRun: .nothing)])
    }
}

extension PromptRow.Answer {
    fileprivate init(answer: Prompt.Answer, label: String, both effect: PromptEffect) {
        self.init(answer: answer, label: label, inRun: effect, withoutRun: effect)
    }
}
