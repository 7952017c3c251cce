import Microscope
import RunModel
import TestSupport
import Testing

@testable import Engine

@Suite struct DoseLedgerTests {
    private static let hole = TargetID(hole: 90, of: TargetID(square: 57, of: GridID("s", slot: 6)))

    private static func micrograph(_ number: Int, _ status: MicrographStatus, movie: String = "6_g/movies/g_57_90_1.mrc")
        -> Micrograph
    {
        Micrograph(
            id: MicrographID(number, of: hole), status: status, movie: movie, frames: 4, pixelSize: 1, dose: 40,
            stage: StagePosition(x: .zero, y: .zero), imageShift: .zero, targetDefocus: .zero, measuredDefocus: nil,
            begunAt: Timestamp(milliseconds: 0))
    }
    private static func statuses(_ events: [RunEvent]) -> [TargetStatus] {
        events.compactMap { if case .targetChanged(let news) = $0 { news.status } else { nil } }
    }

    /// Nobody hears of such a hole again, however it was ended: at its end, begun again, or by the end of the run.
    @Test(
        arguments: [([.processed], [.acquired, .completed]), ([.saved], [.acquired])] as [([MicrographStatus], [TargetStatus])])
    func `a hole that ends with all its movies worked on is complete at once`(
        movies: [MicrographStatus], statuses: [TargetStatus]
    ) {
        let micrographs = movies.enumerated().map { Self.micrograph($0 + 1, $1) }
        #expect(Self.statuses(DoseLedger.finished(Self.hole, micrographs)) == statuses)
    }

    private static let whole = MovieOnDisk(isWhole: true, frames: 4, bytes: 100)
    private static let half = MovieOnDisk(isWhole: false, frames: 0, bytes: 50)
    private static let report = ExposureReport(frames: 4, bytes: 100)

    @Test(
        arguments: [
            (ExposureEvidence.notTaken, nil, ExposureSettled.Outcome.notTaken), (.notTaken, half, .unknown),
            (.notTaken, whole, .saved),
            (.cannotTell, nil, .unknown), (.cannotTell, half, .unknown), (.cannotTell, whole, .saved),
            (.saved(report), nil, .unknown),
            (.saved(report), half, .unknown), (.saved(report), whole, .saved),
        ] as [(ExposureEvidence, MovieOnDisk?, ExposureSettled.Outcome)])
    func `a whole movie is proof, and only the microscope's word without any movie is proof of none`(
        evidence: ExposureEvidence, movie: MovieOnDisk?, outcome: ExposureSettled.Outcome
    ) {
        let settled = DoseLedger.settle(Self.micrograph(1, .exposing), evidence: evidence, movie: movie)
        #expect(settled.outcome == outcome)
        #expect(settled.bytes == (outcome == .saved ? 100 : 0))
    }

    @Test func `what was left behind of an exposure is in the log, below the exposure`() {
        let report = ExposureReport(frames: 4, bytes: 2_000_000, file: "/d/g_57_90_1.tif", remarks: ["A note stays."])
        let lines = DoseLedger.lines(on: report, of: Self.micrograph(1, .saved))
        #expect(
            lines.map(\.message) == ["\(MicrographID(1, of: Self.hole).wording) saved, 2 MB, g_57_90_1.tif", "A note stays."])
        #expect(lines.map(\.level) == [.info, .warning])
        #expect(ExposureEvidence.saved(report).remarks == report.remarks && ExposureEvidence.notTaken.remarks.isEmpty)
    }

    @Test(
        arguments: [
            ([], 1, 2), ([.saved], 2, 1), ([.saved, .processed], 3, 0), ([.notTaken], 1, 2), ([.saved, .notTaken], 2, 1),
            ([.unknown], 2, 1), ([.left, .unprocessable, .saved], 4, 0), ([.exposing], 2, 1),
        ] as [([MicrographStatus], Int, Int)])
    func `what was taken, left or is unknown is not taken again, and one not taken keeps its number`(
        statuses: [MicrographStatus], next: Int, remaining: Int
    ) {
        let micrographs = statuses.enumerated().map { Self.micrograph($0 + 1, $1) }
        #expect(DoseLedger.next(in: Self.hole, of: micrographs).number == next)
        #expect(DoseLedger.remaining(of: 2, micrographs) == remaining)
    }

    @Test(
        arguments: [
            ([], 1), ([.notTaken], 1), ([.exposing], 0), ([.unknown], 0), ([.left], 0), ([.saved], 0), ([.notTaken, .saved], 0),
        ]
            as [([MicrographStatus], Int)])
    func `a failed hole is tried again only where nothing was exposed`(statuses: [MicrographStatus], queued: Int) throws {
        let created = try SimulatedWorld(seed: 1).session("s", grids: 1)
        var grid = GridState(created.grids[0], of: created)
        grid.holes = [
            Target(
                id: Self.hole, point: PixelPoint(x: 0, y: 0), size: 1, stage: StagePosition(x: .zero, y: .zero),
                targetClass: .good, brightness: 1, status: .failed)
        ]
        grid.micrographs = statuses.enumerated().map { Self.micrograph($0 + 1, $1) }
        let events = DoseLedger.tryAgain([Self.hole], on: grid, SessionState(created), engine: EngineSettings())
        #expect(events.count { if case .targetChanged(let news) = $0 { news.status == .queued } else { false } } == queued)
        #expect(
            events.count { if case .queueChanged(let news) = $0 { news.added.map(\.id) == [Self.hole] } else { false } } == queued
        )
    }

    @Test func `each attempt has a movie and a name of its own`() {
        let grid = Grid(id: GridID("s", slot: 6), name: "b-2 α", slot: 6, holeType: nil, meshMaterial: nil, recipe: "spa")
        let id = MicrographID(1, of: Self.hole)
        var movies: [String] = []
        for _ in 1...3 {
            let earlier = movies.last.map { Self.micrograph(1, .notTaken, movie: $0) }
            movies.append(DoseLedger.movie(of: id, grid: grid, earlier: earlier))
        }
        #expect(movies == ["", "-2", "-3"].map { "6_b-2__/movies/b-2___57_90_1\($0).mrc" })
        #expect(DoseLedger.name(of: Self.micrograph(1, .saved, movie: movies[1])) == "b-2___57_90_1-2")
        #expect(DoseLedger.exposure(of: Self.micrograph(1, .saved, movie: movies[1])) == "s-6-b-2___57_90_1-2")
    }

    @Test func `a movie that its camera ended in another way is known by that`() {
        let saved = MovieOnDisk(isWhole: true, frames: 4, bytes: 100, file: "/data/s/6_g/movies/g_57_90_1.eer")
        let settled = DoseLedger.settle(Self.micrograph(1, .exposing), evidence: .cannotTell, movie: saved)
        #expect(settled.movie == "6_g/movies/g_57_90_1.eer")
        #expect(DoseLedger.settle(Self.micrograph(1, .exposing), evidence: .cannotTell, movie: Self.whole).movie == nil)
        #expect(DoseLedger.name(of: Self.micrograph(1, .saved, movie: "6_g/movies/g_57_90_1-2.tiff")) == "g_57_90_1-2")
    }

    @Test(
        arguments: [
            ([MicrographStatus.saved], TargetStatus.acquired), ([.left, .processed], .acquired), ([.unprocessable], .acquired),
            ([.left], .failed), ([], .failed),
        ] as [([MicrographStatus], TargetStatus)])
    func `a finished hole has an image or has failed`(statuses: [MicrographStatus], status: TargetStatus) {
        let micrographs = statuses.enumerated().map { Self.micrograph($0 + 1, $1) }
        #expect(Self.statuses(DoseLedger.finished(Self.hole, micrographs)).first == status)
    }
}
