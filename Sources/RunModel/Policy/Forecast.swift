/// What a session is to do, counted.
public struct PlannedWork: Hashable, Sendable {
    public var grids: Int
    public var atlasPieces: Int
    public var squaresPerGrid: Int
    public var holesPerSquare: Int
    public var exposuresPerHole: Int
    /// Seconds.
    public var exposureTime: Double

    public init(grids: Int, settings: GridSettings) {
        self.grids = grids
        atlasPieces = settings.atlasTiles * settings.atlasTiles
        squaresPerGrid = settings.squaresPerGrid
        holesPerSquare = settings.holesPerSquare
        exposuresPerHole = settings.exposuresPerHole
        exposureTime = settings.movie.exposureTime
    }

    /// What was planned when a session's first run began, from its events; nil before that.
    public init?(asBegun events: some Sequence<StoredEvent>) {
        var (grids, settings): (Int, GridSettings?) = (0, nil)
        for stored in events {
            switch stored.event {
            case .sessionCreated(let made): (grids, settings) = (made.grids.count, made.session.settings)
            case .settingsChanged(let news): settings = news.settings
            case .gridAdded: grids += 1
            case .runStarted:
                guard let settings else { return nil }
                self.init(grids: grids, settings: settings)
                return
            default: break
            }
        }
        return nil
    }

    public var squares: Int { grids * squaresPerGrid }
    public var holes: Int { squares * holesPerSquare }
    public var images: Int { holes * exposuresPerHole }

    /// Seconds, where each part takes as long as it did on average.
    public func seconds(_ durations: Durations) -> Double {
        let hole = durations.hole.seconds + Double(exposuresPerHole) * (durations.exposure.seconds + exposureTime)
        let square = durations.square.seconds + Double(holesPerSquare) * hole
        let grid = durations.load.seconds + Double(atlasPieces) * durations.atlasPiece.seconds + Double(squaresPerGrid) * square
        return Double(grids) * grid
    }
}

/// A session that is over, as forecasts learn from it.
public struct PastSession: Hashable, Sendable {
    public var planned: PlannedWork
    public var durations: Durations
    /// Seconds that it took, without waiting for answers; nil where it was not worked through in one go, as planned.
    public var took: Double?
    /// Seconds that it waited for answers.
    public var waited: Double
    /// It failed, was killed or interrupted.
    public var isCutShort: Bool

    public init(
        planned: PlannedWork, durations: Durations, took: Double?, waited: Double = 0, isCutShort: Bool = false
    ) {
        self.planned = planned
        self.durations = durations
        self.took = took
        self.waited = waited
        self.isCutShort = isCutShort
    }
}

/// How long a session will take, without what people let it wait: from what this microscope's last sessions took.
///
/// The parts' mean durations give a first figure. How far the past sessions were from theirs, each with the durations of the others, says how
/// far this one may be: with nine and more by the order of those ratios, which holds whatever their distribution is (conformal prediction, Vovk et
/// al. 2005), with fewer by Student's t, as if one more had been a third off.
public struct Forecast: Hashable, Sendable {
    /// Seconds.
    public var seconds: Double
    /// Four in five sessions take between the two.
    public var low: Double
    public var high: Double
    /// How many sessions it was learnt from.
    public var sessions: Int

    /// Sessions that are looked back at.
    public static let memory = 39

    /// `history`: of this microscope, the newest last.
    public init(_ work: PlannedWork, history: [PastSession]) {
        let past = history.suffix(Self.memory)
        let all = past.reduce(Durations.usual) { $0 + $1.durations }
        let ratios = Self.ratios(Array(past)).sorted()
        let first = work.seconds(all)
        (seconds, low, high) = (first, first, first)
        sessions = ratios.count
        if ratios.count >= 9 { takeOrder(ratios) } else { takeSpread(ratios) }
    }

    /// What each took against what the others' durations give for it.
    private static func ratios(_ past: [PastSession]) -> [Double] {
        past.indices.compactMap { index in
            guard let took = past[index].took, took > 0 else { return nil }
            let others = past.indices.reduce(Durations.usual) { $1 == index ? $0 : $0 + past[$1].durations }
            let expected = past[index].planned.seconds(others)
            return expected > 0 ? took / expected : nil
        }
    }

    private mutating func takeOrder(_ ratios: [Double]) {
        let n = Double(ratios.count + 1)
        let low = ratios[max(0, Int((0.1 * n).rounded(.down)) - 1)]
        let high = ratios[min(ratios.count - 1, Int((0.9 * n).rounded(.up)) - 1)]
        let middle = (ratios[(ratios.count - 1) / 2] + ratios[ratios.count / 2]) / 2
        spread(middle, low: low, high: high)
    }

    private mutating func takeSpread(_ ratios: [Double]) {
        let n = Double(ratios.count)
        let mean = ratios.reduce(1, +) / (n + 1)
        let variance = ratios.reduce(0.3 * 0.3) { $0 + ($1 - mean) * ($1 - mean) } / (n + 1)
        let half = Self.student(n + 1) * (variance * (1 + 1 / (n + 1))).squareRoot()
        spread(mean, low: max(mean / 4, mean - half), high: mean + half)
    }

    private mutating func spread(_ middle: Double, low: Double, high: Double) {
        let first = seconds
        (seconds, self.low, self.high) = (first * middle, first * low, first * high)
    }

    /// One in ten lies above it (Cornish and Fisher's expansion).
    private static func student(_ freedom: Double) -> Double { 1.2816 + 0.8466 / freedom + 0.5709 / (freedom * freedom) }
}

extension PastSession {
    /// From all events of a session that is over; nil for one that was never run, or is running.
    ///
    /// What came after its end says nothing of it.
    public init?(_ all: [StoredEvent]) {
        guard case .sessionCreated(let created)? = all.first?.event, let end = all.lastIndex(where: { $0.event.kind.endsRun })
        else {
            return nil
        }
        let events = all[...end]
        var (state, reader) = (SessionState(created), DurationReader())
        for event in events {
            state.apply(event)
            reader.read(event)
        }
        guard let startedAt = state.process.startedAt, let endedAt = state.process.endedAt, !state.status.needsHolder else {
            return nil
        }
        let planned = PlannedWork(asBegun: events)
        let isAsPlanned =
            state.status == .completed && planned == PlannedWork(grids: state.grids.count, settings: state.session.settings)
            && state.plan == .screenEachGrid && events.count { $0.event.kind == .runStarted } == 1
            && state.grids.allSatisfy { $0.status == .completed }
        self.init(
            planned: planned ?? PlannedWork(grids: state.grids.count, settings: state.session.settings),
            durations: reader.durations,
            took: isAsPlanned ? endedAt.seconds(since: startedAt) - state.process.waited : nil, waited: state.process.waited,
            isCutShort: [.failed, .killed, .interrupted].contains(state.status))
    }
}
