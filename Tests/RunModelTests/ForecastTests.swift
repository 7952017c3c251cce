import RunModel
import Testing

@Suite struct ForecastTests {
    private static func work(_ grids: Int = 2) -> PlannedWork {
        var settings = GridSettings()
        (settings.atlasTiles, settings.squaresPerGrid, settings.holesPerSquare, settings.exposuresPerHole) = (3, 4, 5, 2)
        settings.movie.exposureTime = 2.5
        return PlannedWork(grids: grids, settings: settings)
    }

    private static func durations(_ factor: Double = 1) -> Durations {
        var durations = Durations()
        for _ in 1...200 {
            durations.load.add(200 * factor)
            durations.atlasPiece.add(10 * factor)
            durations.square.add(50 * factor)
            durations.hole.add(30 * factor)
            durations.exposure.add(15 * factor)
        }
        return durations
    }

    private static func past(_ ratio: Double) -> PastSession {
        PastSession(planned: work(), durations: durations(), took: work().seconds(durations()) * ratio)
    }

    @Test func `the parts add up`() {
        // Each grid: 200 + 9 x 10 + 4 x (50 + 5 x (30 + 2 x 17.5)).
        let grid = 200.0 + 90 + 4 * (50 + 5 * 65)
        #expect(Self.work().seconds(Self.durations()) == 2 * grid)
        #expect(Self.work().images == 80)
    }

    @Test func `of a microscope that nobody knows the usual is expected, with little certainty`() {
        let forecast = Forecast(Self.work(), history: [])
        #expect(forecast.sessions == 0 && abs(forecast.seconds - Self.work().seconds(.usual)) < 1)
        #expect(forecast.low < forecast.seconds * 0.6 && forecast.high > forecast.seconds * 1.4)
    }

    @Test func `a microscope that is slower than the usual is known to be after one session`() {
        let slow = PastSession(planned: Self.work(), durations: Self.durations(3), took: Self.work().seconds(Self.durations(3)))
        let forecast = Forecast(Self.work(), history: [slow])
        #expect(forecast.seconds > 1.5 * Self.work().seconds(.usual))
    }

    @Test func `what came between past sessions and their end is told before the next one begins`() {
        func risks(_ history: [PastSession]) -> [ForecastRisk] {
            ForecastRisk.of(Forecast(Self.work(), history: history), history: history)
        }
        #expect(risks([]).map(\.kind) == [.info])
        var history = (1...10).map { _ in Self.past(1) }
        #expect(risks(history).isEmpty)
        history[0].isCutShort = true
        #expect(
            risks(history) == [
                ForecastRisk(kind: .info, sentence: "1 of the last 10 sessions on this microscope failed or was cut short.")
            ])
        (history[1].isCutShort, history[2].waited) = (true, 6000)
        #expect(risks(history).map(\.kind) == [.warn, .info])
        #expect(
            risks(history).last?.sentence == "On average they waited 10 min more for answers, which is not in this time.")
    }

    @Test func `a disk that is too small, full or silent is told before the session begins`() {
        #expect(ForecastRisk.ofDisk(needed: 100, spare: 100, problem: nil) == nil)
        #expect(
            ForecastRisk.ofDisk(needed: 3_000_000_000, spare: 2_000_000_000, problem: nil)?.sentence
                == "The disk has room for 2 GB above its reserve, and 3 GB will be written: the session would pause before its end."
        )
        #expect(ForecastRisk.ofDisk(needed: 1, spare: -1, problem: nil)?.kind == .err)
        let silent = ForecastRisk.ofDisk(needed: 1, spare: nil, problem: "The disk of /data does not answer.")
        #expect(silent?.sentence == "Whether the disk has room could not be seen. The disk of /data does not answer.")
    }

    @Test func `with many sessions the interval leaves out one in ten on either side`() {
        let history = (1...19).map { Self.past(1 + Double($0) / 100) }
        let forecast = Forecast(Self.work(3), history: history.shuffled())
        let whole = forecast.seconds / 1.10
        #expect(abs(forecast.low / whole - 1.02) < 0.001 && abs(forecast.high / whole - 1.18) < 0.001)
        #expect(forecast.sessions == 19)
    }

    @Test func `a session that was not worked through in one go lends its durations alone`() {
        let broken = PastSession(planned: Self.work(), durations: Self.durations(), took: nil)
        let forecast = Forecast(Self.work(), history: Array(repeating: broken, count: 30))
        #expect(forecast.sessions == 0)
        #expect(abs(forecast.seconds / Self.work().seconds(Self.durations()) - 1) < 0.01)
    }
}
