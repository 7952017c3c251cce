import RunModel
import Store
import Testing

/// No specimen is exposed twice unless somebody said so.
@Suite struct DoseLedgerTests {
    private static let hole = TargetID(hole: 1, of: TargetID(square: 1, of: SampleRun.first))
    private static let micrograph = MicrographID(1, of: hole)
    private static let at = SampleRun.whole.now

    private static func begin() -> RunEvent {
        .exposureBegan(ExposureBegan(micrograph: SampleRun().micrograph(1, of: hole), of: 1, expectedSeconds: 4))
    }
    private static func settle(_ outcome: ExposureSettled.Outcome) -> RunEvent {
        .exposureSettled(ExposureSettled(micrograph: micrograph, outcome: outcome))
    }

    /// A session whose only hole was exposed and then met these events.
    private func store(after events: [RunEvent]) throws -> RunStore {
        let store = try RunStore.sample()
        let square = Self.hole.square
        let found: [RunEvent] = [
            .squaresFound(SquaresFound(grid: SampleRun.first, squares: [SampleRun.target(square, 1)])),
            .holesFound(HolesFound(square: square, holes: [SampleRun.target(Self.hole, 1)])), Self.begin(),
        ]
        for event in found + events { _ = try store.append(Entry(session: SampleRun.session, events: [event]), at: Self.at) }
        return store
    }

    @Test(
        arguments: [
            ([], nil), ([settle(.saved)], "saved"), ([settle(.unknown)], "unknown"), ([settle(.unknown), settle(.left)], "left"),
            ([.exposureSaved(ExposureSaved(micrograph: micrograph, frames: 10, bytes: 1))], "saved"),
        ] as [([RunEvent], String?)])
    func `an exposure that was or may have been made is not begun again`(events: [RunEvent], outcome: String?) throws {
        let store = try store(after: events)
        let before = try store.newestSeq()
        #expect(throws: StoreError.exposedAlready(Self.micrograph, outcome: outcome)) {
            try store.append(Entry(session: SampleRun.session, events: [Self.begin()]), at: Self.at)
        }
        #expect(try store.newestSeq() == before)
    }

    @Test(arguments: [[settle(.notTaken)], [settle(.unknown), settle(.again)], [settle(.unknown), settle(.notTaken)]])
    func `an exposure that was not made, or that somebody wants again, is begun again`(events: [RunEvent]) throws {
        let store = try store(after: events)
        _ = try store.append(Entry(session: SampleRun.session, events: [Self.begin()]), at: Self.at)
        #expect(try store.micrograph(Self.micrograph)?.status == .exposing)
        // And once more only after it is settled anew.
        #expect(throws: StoreError.exposedAlready(Self.micrograph, outcome: nil)) {
            try store.append(Entry(session: SampleRun.session, events: [Self.begin()]), at: Self.at)
        }
    }

    @Test func `two exposures of one micrograph in one entry are refused`() throws {
        let store = try store(after: [Self.settle(.notTaken)])
        #expect(throws: StoreError.exposedAlready(Self.micrograph, outcome: nil)) {
            try store.append(Entry(session: SampleRun.session, events: [Self.begin(), Self.begin()]), at: Self.at)
        }
    }

    @Test func `open and unknown exposures are found, and counted once they may have dosed the specimen`() throws {
        let store = try store(after: [])
        #expect(try store.openExposures(of: SampleRun.session).map(\.id) == [Self.micrograph])
        #expect(try store.exposureCount(of: SampleRun.first) == 1)
        _ = try store.append(Entry(session: SampleRun.session, events: [Self.settle(.unknown)]), at: Self.at)
        #expect(try store.openExposures(of: SampleRun.session).isEmpty)
        #expect(try store.unknownExposures(of: SampleRun.session).map(\.id) == [Self.micrograph])
        _ = try store.append(Entry(session: SampleRun.session, events: [Self.settle(.notTaken)]), at: Self.at)
        #expect(try store.unknownExposures(of: SampleRun.session).isEmpty)
        #expect(try store.exposureCount(of: SampleRun.first) == 0)
    }

    @Test func `an outcome without an intent is refused`() throws {
        let store = try store(after: [Self.settle(.saved)])
        #expect(throws: StoreError.self) {
            try store.append(Entry(session: SampleRun.session, events: [Self.settle(.saved)]), at: Self.at)
        }
    }
}
