import Processing
import RunModel

// "Could not look" is never "nothing there": an image that no finder could read says nothing about what it shows.

extension GridState {
    /// Squares that were mapped, and on whose map nobody could look for holes.
    var unsearchedSquares: [Target] {
        squares.filter { square in
            square.status == .failed && square.image != nil && !holes.contains { $0.id.square == square.id }
        }
    }
}

extension Failure {
    /// Of a grid whose atlas could not be searched.
    static func unsearched(_ problem: FinderProblem) -> Failure {
        Failure(
            code: "grid.unsearched", sentence: "The atlas could not be searched for squares. \(problem.sentence)",
            remedy: "The atlas is kept; press Start to look at it again.")
    }

    /// Of a grid that ends with a square whose map could not be searched.
    static func unsearched(_ square: Target) -> Failure {
        Failure(
            code: "grid.unsearched",
            sentence: "Square \(square.id.number): \(square.problem ?? "it could not be searched for holes")",
            remedy: "Everything else on the grid is done; press Start to map the square again.")
    }
}
