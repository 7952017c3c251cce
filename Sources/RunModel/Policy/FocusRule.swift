/// A place where focus was measured, and the defocus that was set there last.
public struct Focused: Hashable, Sendable {
    public var grid: GridID
    public var place: StagePosition
    public var aim: Length
    public init(grid: GridID, place: StagePosition, aim: Length) {
        self.grid = grid
        self.place = place
        self.aim = aim
    }
}

/// Whether a place needs a focus of its own.
public enum FocusRule {
    public enum Choice: Hashable, Sendable {
        case measure
        /// As good as measured: the defocus only goes on to the next of the series.
        case change(by: Length)
    }

    /// A film is nearly flat over a few holes, and each measurement costs seconds and dose beside the hole. A distance of 0 measures
    /// everywhere; so does a grid on which nothing was measured yet. Distances are in the plane.
    public static func choose(last: Focused?, on grid: GridID, at place: StagePosition?, aim: Length, within distance: Length)
        -> Choice
    {
        guard distance > .zero, let last, last.grid == grid, let place, place.distance(to: last.place) <= distance else {
            return .measure
        }
        return .change(by: aim - last.aim)
    }
}
