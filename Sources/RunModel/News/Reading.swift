/// How things stand: the latest wins, some may be skipped, none is stored.
public enum Reading: Hashable, Sendable {
    case disk(SessionID, DiskReading)
    case step(SessionID, StepReading)
    case heard(SessionID, Timestamp)
    /// What keeps a run from going on and cannot be stored, since the store is what fails; nil once it is over.
    case trouble(SessionID, TroubleReading?)

    public var type: String {
        switch self {
        case .disk: "disk"
        case .step: "step"
        case .heard: "heard"
        case .trouble: "trouble"
        }
    }
    public var topic: Topic {
        switch self {
        case .disk(let id, _), .step(let id, _), .heard(let id, _), .trouble(let id, _): .session(id)
        }
    }
}

/// What a run waits for while nothing can be written.
public struct TroubleReading: Hashable, Sendable, Codable {
    public var sentence: String
    public var detail: String?
    public var since: Timestamp

    public init(sentence: String, detail: String?, since: Timestamp) {
        self.sentence = sentence
        self.detail = detail
        self.since = since
    }
}

/// One disk that a session writes to.
public struct DiskReading: Hashable, Sendable, Codable {
    public var path: String
    public var totalBytes: Int
    public var freeBytes: Int
    /// Bytes a run leaves untouched.
    public var reserveBytes: Int
    /// How fast it filled over the last hour; negative while space is being freed.
    public var bytesPerHour: Double
    public var level: DiskLevel
    /// What the rest of this run will write, as far as the queue tells.
    public var neededBytes: Int
    /// Free bytes over the last 24 h, oldest first, evenly spread.
    public var trend: [Int]
    /// The system's number of the device, which tells two paths of one disk; not sent to pages.
    public var device: Int?

    private enum CodingKeys: CodingKey {
        case path, totalBytes, freeBytes, reserveBytes, bytesPerHour, level, neededBytes, trend
    }

    public init(
        path: String, totalBytes: Int, freeBytes: Int, reserveBytes: Int, bytesPerHour: Double, level: DiskLevel,
        neededBytes: Int, trend: [Int], device: Int? = nil
    ) {
        self.path = path
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.reserveBytes = reserveBytes
        self.bytesPerHour = bytesPerHour
        self.level = level
        self.neededBytes = neededBytes
        self.trend = trend
        self.device = device
    }
}

/// What the run does at this moment.
public struct StepReading: Hashable, Sendable, Codable {
    /// The words of the Now strip.
    public enum Step: String, Sendable, Codable { case load, atlas, move, align, focus, drift, expose, save, wait }

    public var step: Step
    public var grid: GridID
    public var target: TargetID?
    /// Counted from 1, with how many there are, while a hole is exposed.
    public var exposure: Int?
    public var exposures: Int?
    /// `0.8 Å/s`, `liquid nitrogen, about 6 min`…
    public var detail: String?
    /// Seconds on the wall from `begunAt` until it is over, where that is known.
    public var expectedSeconds: Double?
    public var begunAt: Timestamp

    public init(
        step: Step, grid: GridID, target: TargetID? = nil, exposure: Int? = nil, exposures: Int? = nil, detail: String? = nil,
        expectedSeconds: Double? = nil, begunAt: Timestamp
    ) {
        self.step = step
        self.grid = grid
        self.target = target
        self.exposure = exposure
        self.exposures = exposures
        self.detail = detail
        self.expectedSeconds = expectedSeconds
        self.begunAt = begunAt
    }
}
