/// A hole that was brought to the middle of the image, and where the stage stands with it there.
public struct CentredHole: Hashable, Sendable {
    public var hole: TargetID
    /// Where the map has it.
    public var mapped: StagePosition
    public var stage: StagePosition
    public init(hole: TargetID, mapped: StagePosition, stage: StagePosition) {
        self.hole = hole
        self.mapped = mapped
        self.stage = stage
    }
}

/// Whether a hole is reached by image shift from the one that is centred.
public enum ShiftRule {
    /// The stage may have crept or been driven by hand by no more than this.
    public static let restlessness = Length.nanometres(50)

    /// The image shift from `centred` to a hole; nil where the stage must go there and the hole be aligned.
    ///
    /// Both must lie on the same map: what the map is off by is then the same for both, and the alignment of one serves the other.
    /// `reach` is how far exposures lie from a hole's middle. A limit of 0 moves the stage to every hole.
    public static func shift(
        to hole: Target, from centred: CentredHole?, standingAt stage: StagePosition, limit: Length, reach: Length
    )
        -> PlaneShift?
    {
        guard limit > .zero, let centred, centred.hole != hole.id, centred.hole.square == hole.id.square,
            stage.distance(to: centred.stage) <= restlessness
        else { return nil }
        let shift = PlaneShift(x: hole.stage.x - centred.mapped.x, y: hole.stage.y - centred.mapped.y)
        return shift.length + reach <= limit ? shift : nil
    }
}
