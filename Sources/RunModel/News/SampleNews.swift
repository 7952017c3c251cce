// What each event about grids, targets and exposures says. Field names are the wire's.

/// The cassette as it was read: at the first load, and where a person accepted a change.
public struct CassetteRead: Hashable, Sendable, Codable {
    /// By slot.
    public var slots: [CassetteSlot]
    /// Who accepted the change.
    public var by: String?
    public init(slots: [CassetteSlot], by: String? = nil) {
        self.slots = slots
        self.by = by
    }
}

/// The grid that it happened to.
public struct GridNamed: Hashable, Sendable, Codable {
    public var grid: GridID
    public init(grid: GridID) { self.grid = grid }
}

/// A grid that was worked through.
public struct GridCompleted: Hashable, Sendable, Codable {
    public var grid: GridID
    /// What it lacks, in sentences: targets that failed, or any image at all. Nil where nothing is missing.
    public var problem: String?
    public init(grid: GridID, problem: String? = nil) {
        self.grid = grid
        self.problem = problem
    }
}

/// Where a grid stands now.
public struct GridMoved: Hashable, Sendable, Codable {
    public var grid: GridID
    public var status: GridStatus
    public init(grid: GridID, status: GridStatus) {
        self.grid = grid
        self.status = status
    }
}

/// A grid that could not be imaged, or not to its end; the next Start tries it again.
public struct GridFailed: Hashable, Sendable, Codable {
    public var grid: GridID
    public var sentence: String
    public var remedy: String?
    public init(grid: GridID, sentence: String, remedy: String?) {
        self.grid = grid
        self.sentence = sentence
        self.remedy = remedy
    }
}

/// The map of a grid. Whether anybody has looked for squares on it is said by `SquaresFound`.
public struct AtlasAcquired: Hashable, Sendable, Codable {
    public var grid: GridID
    public var image: MapImage
    public init(grid: GridID, image: MapImage) {
        self.grid = grid
        self.image = image
    }
}

/// A grid was loaded again and lies otherwise than on its atlas: every place on it that is known has moved.
public struct GridPlaced: Hashable, Sendable, Codable {
    public var grid: GridID
    /// Against the atlas.
    public var placement: GridPlacement
    /// -1 to 1: how alike the two are from square to square; where that is little, a person said that it is this grid.
    public var score: Double
    /// One that was mapped before and found again by itself: then `placement` is what it and its holes are off from where the grid's match has them.
    public var square: TargetID?
    public init(grid: GridID, placement: GridPlacement, score: Double, square: TargetID? = nil) {
        self.square = square
        self.grid = grid
        self.placement = placement
        self.score = score
    }
}

/// All squares of a grid: what a later look finds takes their place.
public struct SquaresFound: Hashable, Sendable, Codable {
    public var grid: GridID
    public var squares: [Target]
    public init(grid: GridID, squares: [Target]) {
        self.grid = grid
        self.squares = squares
    }
}

/// All holes of a square: what a later look finds takes their place.
public struct HolesFound: Hashable, Sendable, Codable {
    public var square: TargetID
    public var holes: [Target]
    public init(square: TargetID, holes: [Target]) {
        self.square = square
        self.holes = holes
    }
}

/// Where a target stands now. What is nil stays as it was, but for `problem`, which ends with its cause.
public struct TargetChanged: Hashable, Sendable, Codable {
    public var target: TargetID
    public var status: TargetStatus
    public var image: MapImage?
    /// Where realignment found it.
    public var stage: StagePosition?
    /// Where its own image shows a hole's middle, from where it was looked for.
    public var offset: PlaneShift?
    public var problem: String?
    public init(
        target: TargetID, status: TargetStatus, image: MapImage? = nil, stage: StagePosition? = nil, offset: PlaneShift? = nil,
        problem: String? = nil
    ) {
        self.target = target
        self.status = status
        self.image = image
        self.stage = stage
        self.offset = offset
        self.problem = problem
    }
}

/// On disk before the microscope is told: the intent.
public struct ExposureBegan: Hashable, Sendable, Codable {
    public var micrograph: Micrograph
    /// Exposures that this hole gets.
    public var of: Int
    /// Seconds on the wall until it should be over.
    public var expectedSeconds: Double
    public init(micrograph: Micrograph, of: Int, expectedSeconds: Double) {
        self.micrograph = micrograph
        self.of = of
        self.expectedSeconds = expectedSeconds
    }
}

/// The outcome that closes the intent.
public struct ExposureSaved: Hashable, Sendable, Codable {
    public var micrograph: MicrographID
    public var frames: Int
    public var bytes: Int
    /// Relative to the session's directory; nil where it is as it was meant to be.
    public var movie: String?
    public init(micrograph: MicrographID, frames: Int, bytes: Int, movie: String? = nil) {
        self.micrograph = micrograph
        self.frames = frames
        self.bytes = bytes
        self.movie = movie
    }
}

/// An intent that a crash, a kill or a lost link left open, and what became of it.
public struct ExposureSettled: Hashable, Sendable, Codable {
    public enum Outcome: String, Sendable, Codable {
        /// The microscope took it and the movie is whole.
        case saved
        /// The microscope says that it was not taken.
        case notTaken
        /// Nobody can tell: a person is asked.
        case unknown
        /// A person chose to take it again, knowing that the dose may double.
        case again
        /// A person chose to leave it.
        case left
    }
    public var micrograph: MicrographID
    public var outcome: Outcome
    public var by: String?
    public var frames: Int
    public var bytes: Int
    /// As `ExposureSaved` has it.
    public var movie: String?
    public init(
        micrograph: MicrographID, outcome: Outcome, by: String? = nil, frames: Int = 0, bytes: Int = 0, movie: String? = nil
    ) {
        self.movie = movie
        self.micrograph = micrograph
        self.outcome = outcome
        self.by = by
        self.frames = frames
        self.bytes = bytes
    }
}

/// What a movie gave. `targetDefocus` is negative under focus, the measured one positive.
public struct MicrographProcessed: Hashable, Sendable, Codable {
    public var micrograph: MicrographID
    /// What autofocus aimed at, beside what was measured.
    public var targetDefocus: Length
    public var measurement: Measurement
    public init(micrograph: MicrographID, targetDefocus: Length, measurement: Measurement) {
        self.micrograph = micrograph
        self.targetDefocus = targetDefocus
        self.measurement = measurement
    }
}

/// A movie or a map that could not be worked on; the run goes on.
public struct ProcessingFailed: Hashable, Sendable, Codable {
    public var micrograph: MicrographID?
    public var target: TargetID?
    public var grid: GridID?
    public var sentence: String
    public init(micrograph: MicrographID? = nil, target: TargetID? = nil, grid: GridID? = nil, sentence: String) {
        self.micrograph = micrograph
        self.target = target
        self.grid = grid
        self.sentence = sentence
    }
}

/// What people think of a grid, whole: what it leaves out is not so any more.
public struct GridNoted: Hashable, Sendable, Codable {
    public var grid: GridID
    public var quality: GridQuality?
    public var notes: String
    public var by: String
    public init(grid: GridID, quality: GridQuality?, notes: String, by: String) {
        self.grid = grid
        self.quality = quality
        self.notes = notes
        self.by = by
    }
    var isEmpty: Bool { quality == nil && notes.isEmpty }
}

extension GridNotes {
    init(_ news: GridNoted, at moment: Timestamp) { self.init(quality: news.quality, text: news.notes, by: news.by, at: moment) }
}

/// What a person thinks of an image; nil takes the rating away.
public struct MicrographRated: Hashable, Sendable, Codable {
    public var micrograph: MicrographID
    public var rating: ImageRating?
    public var by: String
    public init(micrograph: MicrographID, rating: ImageRating?, by: String) {
        self.micrograph = micrograph
        self.rating = rating
        self.by = by
    }
}
