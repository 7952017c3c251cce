/// A target that waits to be imaged.
public struct QueueItem: Hashable, Sendable, Codable {
    public var id: TargetID
    public var isSkipped: Bool
    /// High-mag exposures it will get; 0 for a square.
    public var exposures: Int
    /// Estimated time, seconds, of a real microscope.
    public var seconds: Double
    /// True for one that was done before, and is wanted once more; nil otherwise.
    public var again: Bool?

    public init(id: TargetID, isSkipped: Bool = false, exposures: Int, seconds: Double) {
        self.id = id
        self.isSkipped = isSkipped
        self.exposures = exposures
        self.seconds = seconds
    }

    enum CodingKeys: String, CodingKey {
        case id, exposures, seconds, again
        case isSkipped = "skipped"
    }
}

/// The queue as everyone sees it: the first item that is not skipped comes next.
public struct QueueState: Hashable, Sendable, Codable {
    /// Rises with every edit and addition; taking the next target leaves it, so that an operator's edit need not race the run.
    public var version: Int = 0
    public var items: [QueueItem] = []
    public init() {}

    /// What waits for one grid. A grid that was skipped or failed for want of its record leaves its targets here until it comes round again.
    public func items(of grid: GridID) -> [QueueItem] { items.filter { $0.id.grid == grid } }
    /// Items of a grid that would still be imaged.
    public func waiting(of grid: GridID) -> Int { items(of: grid).count { !$0.isSkipped } }

    public mutating func apply(_ change: QueueChanged) {
        let gone = Set(change.removed).union(change.taken)
        items.removeAll { gone.contains($0.id) }
        let place = change.before.flatMap { id in items.firstIndex { $0.id == id } } ?? items.endIndex
        items.insert(contentsOf: change.added, at: place)
        for index in items.indices {
            if change.skipped.contains(items[index].id) { items[index].isSkipped = true }
            if change.unskipped.contains(items[index].id) { items[index].isSkipped = false }
        }
        if let order = change.order { reorder(order) }
        version = change.version
    }

    /// Items named come in that order; those it leaves out keep theirs, behind.
    private mutating func reorder(_ order: [TargetID]) {
        let place = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        items = items.enumerated()
            .sorted { (place[$0.element.id] ?? Int.max, $0.offset) < (place[$1.element.id] ?? Int.max, $1.offset) }
            .map(\.element)
    }
}

/// One change of the queue: applied in the order removed and taken, added, skipped, unskipped, order.
public struct QueueChanged: Hashable, Sendable, Codable {
    public var grid: GridID
    public var version: Int
    public var by: String?
    public var added: [QueueItem] = []
    /// `added` is put before this item; at the end when it is nil or gone.
    public var before: TargetID?
    /// Put back among the targets that are not queued.
    public var removed: [TargetID] = []
    /// Those of `removed` that have an image, and so are done rather than found; nil where none has.
    public var kept: [TargetID]?
    /// Begun by the run.
    public var taken: [TargetID] = []
    public var skipped: [TargetID] = []
    public var unskipped: [TargetID] = []
    public var order: [TargetID]?

    /// Where a target stands that was removed.
    public func status(ofRemoved id: TargetID) -> TargetStatus { kept?.contains(id) == true ? .completed : .found }

    public init(grid: GridID, version: Int, by: String? = nil) {
        self.grid = grid
        self.version = version
        self.by = by
    }
}
