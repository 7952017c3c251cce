import RunModel
import Store
import Testing

@Suite struct ProcessingQueriesTests {
    private let square = TargetID(square: 1, of: SampleRun.first)

    /// A hole with three saved movies.
    private func storeWithMovies() throws -> (RunStore, [MicrographID]) {
        let store = try RunStore.sample()
        let hole = TargetID(hole: 1, of: square)
        var events: [RunEvent] = [
            .squaresFound(SquaresFound(grid: SampleRun.first, squares: [SampleRun.target(square, 1)])),
            .holesFound(HolesFound(square: square, holes: [SampleRun.target(hole, 1)])),
        ]
        for number in 1...3 {
            let micrograph = SampleRun().micrograph(number, of: hole)
            events.append(.exposureBegan(ExposureBegan(micrograph: micrograph, of: 3, expectedSeconds: 4)))
            events.append(.exposureSaved(ExposureSaved(micrograph: micrograph.id, frames: 10, bytes: 1)))
        }
        _ = try store.append(Entry(session: SampleRun.session, events: events), at: SampleRun.whole.now)
        return (store, (1...3).map { MicrographID($0, of: hole) })
    }

    @Test func `a movie waits to be worked on until it is processed or has failed`() throws {
        let (store, movies) = try storeWithMovies()
        #expect(try store.unprocessedMicrographs(limit: 10).map(\.id) == movies)
        #expect(try store.unprocessedMicrographs(limit: 2).map(\.id) == Array(movies.prefix(2)))
        let failed = RunEvent.processingFailed(ProcessingFailed(micrograph: movies[0], sentence: "It holds no frames."))
        _ = try store.append(Entry(session: SampleRun.session, events: [failed]), at: SampleRun.whole.now)
        #expect(try store.unprocessedMicrographs(limit: 10).map(\.id) == Array(movies.dropFirst()))
    }
}
