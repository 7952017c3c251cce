// What each event about a run says. Field names are the wire's.

/// What is said by the event itself and needs no more.
public struct Nothing: Hashable, Sendable, Codable { public init() {} }

/// Who asked for it; `server` when it is shutting down.
public struct Asked: Hashable, Sendable, Codable {
    public var by: String
    public init(by: String) { self.by = by }
}

/// A session as it was made, with all that its run will need: later changes of the configuration do not reach it.
public struct SessionCreated: Hashable, Sendable, Codable {
    public var session: Session
    public var microscope: MicroscopeDescription
    public var detector: DetectorDescription
    public var grids: [Grid]
    public init(session: Session, microscope: MicroscopeDescription, detector: DetectorDescription, grids: [Grid]) {
        self.session = session
        self.microscope = microscope
        self.detector = detector
        self.grids = grids
    }
}

/// A run has the lock and begins. `epoch` is the number that shuts out every holder before it.
public struct RunStarted: Hashable, Sendable, Codable {
    public var by: String
    public var host: String
    public var pid: Int
    public var epoch: Int
    /// True when staff overrode a stored status.
    public var forced: Bool
    public init(by: String, host: String, pid: Int, epoch: Int, forced: Bool) {
        self.by = by
        self.host = host
        self.pid = pid
        self.epoch = epoch
        self.forced = forced
    }
}

/// Where the run stands now.
public struct RunMoved: Hashable, Sendable, Codable {
    public var status: SessionStatus
    public init(status: SessionStatus) { self.status = status }
}

/// A start that did not happen, with the holder where the reader may know who it is.
public struct StartRefused: Hashable, Sendable, Codable {
    public var by: String
    public var code: String
    public var sentence: String
    public var remedy: String?
    public var holder: LockHolder?
    public init(by: String, code: String, sentence: String, remedy: String?, holder: LockHolder?) {
        self.by = by
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.holder = holder
    }
}

/// Every grid was worked through. Seconds from the start of this run.
public struct RunCompleted: Hashable, Sendable, Codable {
    public var gridsCompleted: Int
    public var grids: Int
    public var images: Int
    /// Seconds since the run began.
    public var seconds: Double
    /// `3 of 40 holes failed`, or `1 of 3 grids was not imaged`; nil where nothing failed.
    public var failures: String?
    /// Why most of them failed, in a sentence.
    public var reason: String?
    public init(
        gridsCompleted: Int, grids: Int, images: Int, seconds: Double, failures: String? = nil, reason: String? = nil
    ) {
        self.gridsCompleted = gridsCompleted
        self.grids = grids
        self.images = images
        self.seconds = seconds
        self.failures = failures
        self.reason = reason
    }

    /// Nil for one that lacks nothing.
    public var shortfall: Shortfall? {
        if images == 0 { return .noImage }
        return failures != nil || gridsCompleted < grids ? .failures : nil
    }
}

/// What a session lacks that was worked through: then it is not simply complete.
public enum Shortfall: String, Sendable, Codable { case noImage, failures }

/// Why something could not be done, in words for people and a code for programs.
public struct Failure: Hashable, Sendable, Codable {
    public var code: String
    public var sentence: String
    public var remedy: String?
    public init(code: String, sentence: String, remedy: String?) {
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
    }
    public init(_ cause: any Explained) { self.init(code: cause.code, sentence: cause.sentence, remedy: cause.remedy) }
}

/// A run that ended without a word of its own, and what it was at.
public struct RunInterrupted: Hashable, Sendable, Codable {
    public var grid: GridID?
    public var target: TargetID?
    /// An exposure that was under way.
    public var micrograph: MicrographID?
    public var cause: String
    public init(grid: GridID?, target: TargetID?, micrograph: MicrographID?, cause: String) {
        self.grid = grid
        self.target = target
        self.micrograph = micrograph
        self.cause = cause
    }
}

/// A force-kill, with what it found and did, a sentence each.
public struct RunKilled: Hashable, Sendable, Codable {
    public var by: String
    /// What was found and done, a sentence each: valves, link, lock.
    public var found: [String]
    public init(by: String, found: [String]) {
        self.by = by
        self.found = found
    }
}

/// The switch as it stands now; it counts at the next end of a grid.
public struct PauseBetweenGridsSet: Hashable, Sendable, Codable {
    public var enabled: Bool
    public var by: String
    public init(enabled: Bool, by: String) {
        self.enabled = enabled
        self.by = by
    }
}

/// In which passes the session's grids are worked through from now on.
public struct PlanSet: Hashable, Sendable, Codable {
    public var plan: SessionPlan
    public var by: String
    public init(plan: SessionPlan, by: String) {
        self.plan = plan
        self.by = by
    }
}

/// The session's settings from now on, whole. What is under way ends as it was begun.
public struct SettingsChanged: Hashable, Sendable, Codable {
    public var settings: GridSettings
    public var by: String
    public init(settings: GridSettings, by: String) {
        self.settings = settings
        self.by = by
    }
}

/// Out of the lists, or back into them.
public struct SessionArchived: Hashable, Sendable, Codable {
    public var archived: Bool
    public var by: String
    public init(archived: Bool, by: String) {
        self.archived = archived
        self.by = by
    }
}

/// A grid as it is from now on, whole: added as the last one, or described anew.
public struct GridDescribed: Hashable, Sendable, Codable {
    public var grid: Grid
    public var by: String
    public init(grid: Grid, by: String) {
        self.grid = grid
        self.by = by
    }
}

/// In which order runs come to the session's grids: all of them, once each.
public struct GridsOrdered: Hashable, Sendable, Codable {
    public var order: [GridID]
    public var by: String
    public init(order: [GridID], by: String) {
        self.order = order
        self.by = by
    }
}

/// The first answer, which is the one that counts.
public struct PromptAnswered: Hashable, Sendable, Codable {
    public var id: PromptID
    public var answer: Prompt.Answer
    public var by: String
    public init(id: PromptID, answer: Prompt.Answer, by: String) {
        self.id = id
        self.answer = answer
        self.by = by
    }
}

/// A question that nobody has to answer any more, and why.
public struct PromptWithdrawn: Hashable, Sendable, Codable {
    public var id: PromptID
    public var reason: String
    public init(id: PromptID, reason: String) {
        self.id = id
        self.reason = reason
    }
}

/// The microscope is held, by whom, and under which epoch.
public struct LockTaken: Hashable, Sendable, Codable {
    public var microscope: MicroscopeID
    public var holder: LockHolder
    public init(microscope: MicroscopeID, holder: LockHolder) {
        self.microscope = microscope
        self.holder = holder
    }
}

/// The microscope is free again. `reason`: the run ended, its holder was gone, or staff removed it.
public struct LockFreed: Hashable, Sendable, Codable {
    public var microscope: MicroscopeID
    public var epoch: Int
    /// `run ended`, `holder gone`, `removed by staff`.
    public var reason: String
    public init(microscope: MicroscopeID, epoch: Int, reason: String) {
        self.microscope = microscope
        self.epoch = epoch
        self.reason = reason
    }
}

/// The cause of a notice has ended.
public struct NoticeCleared: Hashable, Sendable, Codable {
    public var id: String
    public init(id: String) { self.id = id }
}
