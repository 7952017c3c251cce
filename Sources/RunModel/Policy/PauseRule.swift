/// What a run does when a grid has nothing left to image.
public enum GridEnd: Hashable, Sendable {
    case ask, completeGrid
}

/// Whether a person is asked when a grid has nothing left to image.
public enum PauseRule {
    /// The operator is asked at the end of every grid while the switch is on, the last one too: the prompt is the chance to add targets
    /// before the cartridge leaves the column. A stop outranks the question.
    public static func atGridEnd(pauseBetweenGrids: Bool) -> GridEnd { pauseBetweenGrids ? .ask : .completeGrid }

    /// Continue with nothing queued would come straight back, so pages disable it; through the API it does come back.
    public static func afterContinue(queued: Int) -> GridEnd? { queued == 0 ? .ask : nil }
}
