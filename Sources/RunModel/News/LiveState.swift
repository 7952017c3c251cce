/// What a page shows: an event folded in at a time. `web/state.js` is its twin; both fold the same golden file to the same end.
public protocol LiveState: Hashable, Sendable, Codable {
    mutating func apply(_ stored: StoredEvent)
}

/// The run page's state: topic `session/ID`.
public struct SessionState: LiveState {
    public var session: Session
    public var microscope: MicroscopeDescription
    public var detector: DetectorDescription
    /// As last told. What may be shown also needs a living run: see `SessionStatus.derived`.
    public var status: SessionStatus = .ready
    public var process = ProcessInformation()
    public var pauseBetweenGrids = true
    public var plan: SessionPlan
    /// True where somebody put it out of the lists.
    public var archived: Bool?
    public var stop: StopRequest?
    /// How the last run ended.
    public var outcome: RunOutcome?
    /// In the order in which a run comes to them.
    public var grids: [GridSummary]
    /// What the loader held when it was last read and found right; nil before the first load.
    public var cassette: Cassette?
    /// The grid in the column, or the last one that was.
    public var current: GridID?
    /// The target being imaged.
    public var target: TargetID?
    /// The exposure under way.
    public var exposure: ExposureUnderWay?
    public var last = LastImages()
    public var queue = QueueState()
    public var prompt: Prompt?
    public var lastAnswer: AnsweredPrompt?
    public var notices: [Notice] = []
    /// When holes were finished and images saved, over the last hour of the run.
    public var holeTimes: [Timestamp] = []
    public var imageTimes: [Timestamp] = []

    public init(_ created: SessionCreated) {
        session = created.session
        microscope = created.microscope
        detector = created.detector
        plan = created.session.settings.plan
        grids = created.grids.map(GridSummary.init)
    }
}

/// The process behind the last run.
public struct ProcessInformation: Hashable, Sendable, Codable {
    public var pid: Int?
    public var host: String?
    public var epoch: Int?
    public var startedBy: String?
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var prompts: Int = 0
    /// Seconds that the run waited on prompts.
    public var waited: Double = 0
    public init() {}
}

/// A stop that somebody asked for, as pages show it until the run has ended.
public struct StopRequest: Hashable, Sendable, Codable {
    public var by: String
    public var at: Timestamp
    /// False once the run has begun to shut down.
    public var canBeTakenBack: Bool
    /// Where the run goes back to when the stop is taken back.
    public var from: SessionStatus
    public init(by: String, at: Timestamp, canBeTakenBack: Bool, from: SessionStatus) {
        self.by = by
        self.at = at
        self.canBeTakenBack = canBeTakenBack
        self.from = from
    }
}

/// How a run ended, for the notice that says so.
public struct RunOutcome: Hashable, Sendable, Codable {
    public var status: SessionStatus
    public var at: Timestamp
    public var by: String?
    public var sentence: String?
    public var remedy: String?
    /// What a force-kill found.
    public var found: [String]?
    public var completed: RunCompleted?
    public var interrupted: RunInterrupted?
    public init(status: SessionStatus, at: Timestamp) {
        self.status = status
        self.at = at
    }
}

/// The exposure that the shutter is open for, with how long it should take.
public struct ExposureUnderWay: Hashable, Sendable, Codable {
    public var micrograph: MicrographID
    public var number: Int
    public var of: Int
    public var begunAt: Timestamp
    public var expectedSeconds: Double
    public init(micrograph: MicrographID, number: Int, of: Int, begunAt: Timestamp, expectedSeconds: Double) {
        self.micrograph = micrograph
        self.number = number
        self.of = of
        self.begunAt = begunAt
        self.expectedSeconds = expectedSeconds
    }
}

/// The last answer, kept so that a later one can be told who was first.
public struct AnsweredPrompt: Hashable, Sendable, Codable {
    public var id: PromptID
    public var kind: Prompt.Kind
    public var answer: Prompt.Answer
    public var by: String
    public var at: Timestamp
    public init(id: PromptID, kind: Prompt.Kind, answer: Prompt.Answer, by: String, at: Timestamp) {
        self.id = id
        self.kind = kind
        self.answer = answer
        self.by = by
        self.at = at
    }
}

/// The newest image of each level, for the Now strip.
public struct LastImages: Hashable, Sendable, Codable {
    public struct Atlas: Hashable, Sendable, Codable {
        public var grid: GridID
        public var at: Timestamp
        public var squares: Int
    }
    public struct Map: Hashable, Sendable, Codable {
        public var target: TargetID
        public var at: Timestamp
        /// Holes found in a square.
        public var found: Int
    }
    public struct HighMag: Hashable, Sendable, Codable {
        public var micrograph: MicrographID
        public var at: Timestamp
        public var targetDefocus: Length
        public var measurement: Measurement
    }
    public var atlas: Atlas?
    public var square: Map?
    public var hole: Map?
    public var highMag: HighMag?
    public init() {}
}

/// A grid as the strip shows it.
public struct GridSummary: Hashable, Sendable, Codable {
    public var grid: Grid
    public var status: GridStatus = .waiting
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var problem: String?
    public var hasAtlas = false
    /// Somebody has looked for squares on it.
    public var isSearched = false
    public var squaresFound = 0
    public var squaresDone = 0
    public var holesDone = 0
    public var images = 0
    /// What people think of it.
    public var quality: GridQuality?
    /// Fit resolution of each processed micrograph, Å, in the order they came; 0 stands for no fit.
    public var fits: [Double] = []

    public init(_ grid: Grid) { self.grid = grid }
}
