import Engine
import RunModel
import Simulator
import TestSupport
import Testing

/// Forecasts of whole sessions, one after the other on microscopes of one kind, against what they then took.
@Suite struct ForecastCoverageTests {
    private static func session(_ seed: UInt64) throws -> PastSession {
        var random = SeededGenerator(seed: seed)
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        var settings = GridSettings.quick
        (settings.squaresPerGrid, settings.holesPerSquare, settings.exposuresPerHole) = (
            number(1...3), number(1...4), number(1...2)
        )
        (settings.atlasTiles, settings.movie.exposureTime) = (number(2...4), Double(number(1...8)))
        let scene = try Scene(seed: seed, grids: number(1...3), settings: settings)
        try scene.start()
        try scene.reachEnd()
        return try #require(PastSession(try scene.events()))
    }

    @Test func `what is noted of a session after its end changes nothing of how long it took`() throws {
        let scene = try Scene(grids: 1, settings: .quick)
        try scene.start()
        try scene.reachEnd()
        let events = try scene.events()
        let past = try #require(PastSession(events))
        let running = events.prefix { if case .runCompleted = $0.event { false } else { true } }
        #expect(past.took != nil && running.count < events.count && PastSession(Array(running)) == nil)
        let last = try #require(events.last)
        var settings = GridSettings.quick
        settings.squaresPerGrid += 1
        let changed = StoredEvent(
            seq: last.seq + 1, at: last.at, session: scene.id,
            event: .settingsChanged(SettingsChanged(settings: settings, by: "staff")))
        #expect(PastSession(events + [changed]) == past)
    }

    @Test func `of 200 sessions about four in five take as long as was said`() throws {
        let seeds = Array(Seeds.first(200))
        var (history, inside, ratios): ([PastSession], Int, [Double]) = ([], 0, [])
        for seed in seeds {
            let session = try Self.session(seed)
            let took = try #require(session.took)
            let forecast = Forecast(session.planned, history: history)
            if (forecast.low...forecast.high).contains(took) { inside += 1 }
            ratios.append(took / forecast.seconds)
            history.append(session)
        }
        let sorted = ratios.sorted()
        print(
            "inside \(inside) of \(seeds.count); ratios \(sorted[sorted.count / 10]) \(sorted[sorted.count / 2]) \(sorted[sorted.count * 9 / 10])"
        )
        #expect((145...175).contains(inside * 200 / seeds.count))
    }
}
