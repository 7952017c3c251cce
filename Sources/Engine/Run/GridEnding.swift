import RunModel

/// What is said of a grid once nothing of it is queued any more. *Complete* is a claim: it is made with what it lacks, or not at all.
enum GridEnding {
    /// `problem`: what it lacks.
    case complete(problem: String?)
    /// The next Start goes on with it.
    case failed(Failure)

    init(_ grid: GridState) {
        let tally = TargetTally([grid])
        if let square = grid.unsearchedSquares.first {
            // Nobody could look at it, so it may hold holes.
            self = .failed(.unsearched(square))
        } else if tally.images > 0 {
            self = .complete(problem: tally.sentence)
        } else if let sentence = tally.sentence, !grid.unexposedFailures.isEmpty {
            self = .failed(.noImage(sentence))
        } else {
            self = .complete(problem: "No image was taken: \(tally.sentence ?? Self.nothingToImage(grid))")
        }
    }

    private static func nothingToImage(_ grid: GridState) -> String {
        if grid.squares.isEmpty { return "no square was found." }
        return grid.holes.isEmpty ? "no hole was found." : "no hole was imaged."
    }

    /// As it is written, whether or not a run lives.
    func events(for grid: GridID) -> [RunEvent] {
        switch self {
        case .complete(let problem): [.gridCompleted(GridCompleted(grid: grid, problem: problem))]
        case .failed(let failure):
            [.gridFailed(GridFailed(grid: grid, sentence: failure.sentence, remedy: failure.remedy))]
        }
    }
}

extension Failure {
    static let noImageCode = "grid.noImage"

    fileprivate static func noImage(_ sentence: String) -> Failure {
        Failure(
            code: noImageCode, sentence: "No image was taken: \(sentence)", remedy: "Press Start to try them again.")
    }
}
