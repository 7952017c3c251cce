/// What the operator must see until its cause ends. One per cause: raising it again replaces it.
public struct Notice: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable { case err, warn, info, ok, neutral }

    /// The cause: `nitrogen`, `microscopeLost`, `disk`, `slowStop`…
    public var id: String
    public var kind: Kind
    /// What happened: the bold first sentence.
    public var sentence: String
    /// What now.
    public var detail: String?
    public var raisedAt: Timestamp

    public init(id: String, kind: Kind, sentence: String, detail: String? = nil, raisedAt: Timestamp) {
        self.id = id
        self.kind = kind
        self.sentence = sentence
        self.detail = detail
        self.raisedAt = raisedAt
    }
}

/// A question that the run waits on. The first answer wins.
public struct Prompt: Hashable, Sendable, Codable {
    public var id: PromptID
    public var kind: Kind
    public var grid: GridID
    /// The exposure in question, for `exposureUnknown`.
    public var micrograph: MicrographID?
    /// Targets waiting in the queue of this grid.
    public var queued: Int
    /// True when no grid comes after this one.
    public var last: Bool
    /// The grid that Proceed goes on to.
    public var nextGrid: GridID?
    public var answers: [Answer]
    public var raisedAt: Timestamp
    /// Who added what is queued, once somebody did while the prompt was open.
    public var addedBy: String?
    /// What has changed, for `cassetteChanged`.
    public var cassette: ChangedCassette?
    /// What was seen, for `imagesSuspect`, `diskSilent`, `fileSilent` and `imagedBefore`; why they failed, for `targetsFailAlike` and `gridsFailAlike`.
    public var cause: String?
    /// Those that failed in a row, for `targetsFailAlike`: squares, or holes.
    public var failedTargets: [TargetID]?
    /// The same for `gridsFailAlike`.
    public var failedGrids: [GridID]?

    public init(
        id: PromptID, kind: Kind, grid: GridID, micrograph: MicrographID? = nil, queued: Int, last: Bool, nextGrid: GridID?,
        raisedAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.grid = grid
        self.micrograph = micrograph
        self.queued = queued
        self.last = last
        self.nextGrid = nextGrid
        self.answers = kind.answers
        self.raisedAt = raisedAt
    }
}
