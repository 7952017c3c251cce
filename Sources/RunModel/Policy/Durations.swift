/// How long the parts of sessions took on one microscope, in seconds on the wall, read from their events.
///
/// What was interrupted by a question, a stop or the end of a run says nothing and is left out.
public struct Durations: Hashable, Sendable {
    public struct Mean: Hashable, Sendable {
        public private(set) var count = 0.0
        public private(set) var total = 0.0
        public init() {}
        init(_ seconds: Double, count: Double) { (self.count, total) = (count, seconds * count) }
        public var seconds: Double { count > 0 ? total / count : 0 }

        public mutating func add(_ seconds: Double, times: Double = 1) {
            guard seconds >= 0, seconds.isFinite else { return }  // a clock that was set back
            count += times
            total += seconds * times
        }
        static func + (a: Self, b: Self) -> Self {
            var sum = a
            (sum.count, sum.total) = (a.count + b.count, a.total + b.total)
            return sum
        }
    }

    /// From the beginning of a grid until it is ready to be mapped.
    public var load = Mean()
    /// Of each piece of an atlas, with the search for squares.
    public var atlasPiece = Mean()
    /// Of a square, with the search for holes.
    public var square = Mean()
    /// Of a hole, until its first exposure.
    public var hole = Mean()
    /// Of each exposure, besides the time that the shutter is open.
    public var exposure = Mean()

    public init() {}

    /// What is taken for a microscope of which nothing is known, each as if it had been seen once.
    public static let usual: Durations = {
        var usual = Durations()
        usual.load = Mean(240, count: 1)
        usual.atlasPiece = Mean(12, count: 1)
        usual.square = Mean(60, count: 1)
        usual.hole = Mean(25, count: 1)
        usual.exposure = Mean(20, count: 1)
        return usual
    }()

    public static func + (a: Durations, b: Durations) -> Durations {
        var sum = Durations()
        sum.load = a.load + b.load
        sum.atlasPiece = a.atlasPiece + b.atlasPiece
        sum.square = a.square + b.square
        sum.hole = a.hole + b.hole
        sum.exposure = a.exposure + b.exposure
        return sum
    }
}

/// Reads durations from the events of one session, in their order.
public struct DurationReader: Sendable {
    public private(set) var durations = Durations()
    private var settings: GridSettings?
    /// When what is under way was begun; nil for what a question or an end has come into.
    private var begun: [Part: Timestamp] = [:]
    private var exposures = 0.0

    private enum Part: Hashable, Sendable { case load, atlas, square, hole, firstExposure }

    public init() {}

    public mutating func read(_ stored: StoredEvent) {
        let at = stored.at
        switch stored.event {
        case .sessionCreated(let news): settings = news.session.settings
        case .settingsChanged(let news): settings = news.settings
        case .gridStarted: begun = [.load: at]
        case .gridMoved(let news): move(news.status, at)
        case .squaresFound: end(.atlas, at) { $0.atlasPiece.add($1 / $2, times: $2) }
        case .targetChanged(let news): change(news, at)
        case .exposureBegan:
            if begun[.hole] != nil, begun[.firstExposure] == nil { begun[.firstExposure] = at }
            exposures += 1
        default: if stored.event.breaksOff { begun = [:] }
        }
    }

    private mutating func move(_ status: GridStatus, _ at: Timestamp) {
        guard status == .running else {
            begun = [:]
            return
        }
        end(.load, at) { durations, seconds, _ in durations.load.add(seconds) }
        begun[.atlas] = at
    }

    private mutating func change(_ news: TargetChanged, _ at: Timestamp) {
        switch (news.target.kind, news.status) {
        // Told again with its image, or where it was found.
        case (.square, .acquiring): begun[.square] = begun[.square] ?? at
        case (.square, .processed), (.square, .completed):
            end(.square, at) { durations, seconds, _ in durations.square.add(seconds) }
        case (.hole, .acquiring) where begun[.hole] == nil: (begun[.hole], begun[.firstExposure], exposures) = (at, nil, 0)
        case (.hole, .acquired): endHole(at)
        case (_, .failed), (_, .skipped): (begun[.square], begun[.hole]) = (nil, nil)
        default: break
        }
    }

    private mutating func endHole(_ at: Timestamp) {
        if let from = begun[.hole], let first = begun[.firstExposure], exposures > 0, let settings {
            durations.hole.add(first.seconds(since: from))
            durations.exposure.add(at.seconds(since: first) / exposures - settings.movie.exposureTime, times: exposures)
        }
        begun[.hole] = nil
    }

    /// `body` gets the seconds, and how many pieces an atlas has.
    private mutating func end(_ part: Part, _ at: Timestamp, _ body: (inout Durations, Double, Double) -> Void) {
        guard let from = begun.removeValue(forKey: part) else { return }
        let tiles = Double(settings?.atlasTiles ?? 1)
        body(&durations, at.seconds(since: from), tiles * tiles)
    }
}

extension RunEvent {
    /// What comes after it has waited for somebody, or for another run.
    fileprivate var breaksOff: Bool {
        switch self {
        case .promptRaised, .runStarted: true
        default: kind.endsRun
        }
    }
}
