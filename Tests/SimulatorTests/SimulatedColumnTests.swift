import JSONText
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

@Suite struct SimulatedColumnTests {
    @Test func `the newest client is heard, an older one loses its link at its next command`() throws {
        let bench = Bench()
        let newer = bench.anotherClient()
        try bench.run { try await $0.connect(greeting: "old") }
        try bench.executor.complete { try await newer.connect(greeting: "new") }
        let problem = try bench.problem { _ = try await $0.loadedSlot() }
        #expect(problem == .linkLost("because a newer connection took its place"))
        #expect(try bench.executor.complete { try await newer.loadedSlot() } == nil)
        #expect(bench.column.ledger.map(\.kind) == [.connect, .command, .disconnect, .connect, .command, .command])
        #expect(bench.column.ledger.map(\.client) == [1, 1, 1, 2, 2, 2])
    }

    @Test func `a client that never connected is told so`() throws {
        let bench = Bench()
        #expect(try bench.problem { try await $0.load(slot: 1) } == .linkLost("and has not been opened again"))
        #expect(bench.column.ledger.isEmpty)
    }

    @Test func `a load goes on when its client vanishes, and the column is busy until it ends`() throws {
        let bench = Bench()
        try bench.run { try await $0.connect(greeting: "first") }
        let scope = bench.scope
        let task = bench.executor.start { try await scope.load(slot: 5) }
        bench.executor.run(for: .seconds(50))
        task.cancel()
        bench.executor.run(for: .seconds(1))
        let second = bench.anotherClient()
        let answer = try bench.executor.complete {
            try await second.connect(greeting: "second")
            do { try await second.moveStage(to: StagePosition(x: .zero, y: .zero)) } catch { return error as? MicroscopeError }
            return nil
        }
        #expect(answer == .busy)
        #expect(bench.column.cartridgeOnStage == nil)
        bench.executor.run(for: .seconds(70))
        #expect(try bench.executor.complete { try await second.loadedSlot() } == 5)
        #expect(bench.entries(.load).map(\.grid) == [5])
    }

    @Test func `valves close even while something else is under way`() throws {
        let bench = Bench()
        try bench.ready()
        let scope = bench.scope
        let task = bench.executor.start { try await scope.record(Bench.request()) }
        bench.executor.run(for: .seconds(2))
        task.cancel()
        bench.executor.run(for: .milliseconds(1))
        let second = bench.anotherClient()
        try bench.executor.complete {
            try await second.connect(greeting: "second")
            try await second.setValves(open: false)
        }
        #expect(!bench.column.areValvesOpen)
        #expect(bench.entries(.valves).map(\.args) == [["open"], ["closed"]])
    }

    @Test func `two commands at once are counted and the second is refused`() throws {
        let bench = Bench()
        try bench.ready()
        #expect(bench.column.counters.mostAtOnce == 1)
        let scope = bench.scope
        bench.executor.start { try await scope.moveStage(to: StagePosition(x: .micrometres(50), y: .zero)) }
        bench.executor.run(for: .milliseconds(10))
        #expect(try bench.problem { try await $0.tilt(to: 10) } == .busy)
        bench.executor.runUntilIdle()
        #expect(bench.column.counters.mostAtOnce == 2)
        #expect(bench.column.counters.mostClientsAtOnce == 1)
        #expect(try bench.problem { try await $0.tilt(to: 10) } == nil)
    }

    @Test func `imaging needs a cartridge and open valves`() throws {
        let bench = Bench()
        try bench.run { try await $0.connect(greeting: "test") }
        #expect(try bench.problem { _ = try await $0.acquire(.view, into: "/v.mrc") } == .refused("no cartridge is on the stage"))
        try bench.run { try await $0.load(slot: 1) }
        #expect(try bench.problem { _ = try await $0.acquire(.view, into: "/v.mrc") } == .valveClosed)
        try bench.run { try await $0.setValves(open: true) }
        #expect(try bench.problem { _ = try await $0.acquire(.view, into: "/v.mrc") } == nil)
    }

    @Test func `the pumps run for a minute after a load`() throws {
        let bench = Bench()
        let clock = bench.executor.clock
        let states = try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 1)
            let first = try await scope.columnState()
            try await clock.sleep(for: .seconds(61))
            return (first, try await scope.columnState())
        }
        #expect(states.0.isPumping)
        #expect(!states.1.isPumping)
    }

    @Test func `liquid nitrogen comes round by its schedule`() throws {
        var settings = ColumnSettings()
        settings.nitrogen?.first = 1000
        let bench = Bench(settings: settings)
        let clock = bench.executor.clock
        let fills = try bench.run { scope in
            try await scope.connect(greeting: "test")
            var fills: [Bool] = []
            for _ in 0..<5 {
                fills.append(try await scope.columnState().isFillingNitrogen)
                try await clock.sleep(for: .seconds(600))
            }
            return fills
        }
        #expect(fills == [false, false, true, true, false])
    }

    @Test func `the slots say what is empty, occupied and on the stage`() throws {
        var settings = ColumnSettings()
        settings.slots = 4
        settings.emptySlots = [2]
        settings.names = [3: "apo"]
        let bench = Bench(settings: settings)
        let slots = try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 3)
            return try await scope.slots()
        }
        #expect(slots.map(\.state) == [.occupied, .empty, .onStage, .occupied])
        #expect(slots[2].name == "apo")
        #expect(try bench.problem { try await $0.load(slot: 2) } == .slotEmpty(slot: 2))
        #expect(try bench.problem { try await $0.load(slot: 9) } == .refused("the loader has no slot 9"))
    }

    @Test func `a column takes up its earlier life from its ledger`() throws {
        let bench = Bench()
        try bench.ready(slot: 6)
        try bench.run { _ = try await $0.record(Bench.request("kept")) }
        let camera = DiskOf(files: ["/movies/kept.mrc": bench.camera.movieBytes(frames: 10)])
        let lines = try bench.column.ledger.map { try JSONText.decode(LedgerEntry.self, from: $0.line) }
        #expect(lines == bench.column.ledger)
        let column = SimulatedColumn(seed: 7, history: lines)
        #expect(column.cartridgeOnStage == 6)
        #expect(column.areValvesOpen)
        let executor = bench.executor
        let scope = SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) }, camera: camera)
        let evidence = try executor.complete {
            try await scope.connect(greeting: "again")
            return [try await scope.evidence(of: Bench.request("kept")), try await scope.evidence(of: Bench.request("never"))]
        }
        #expect(evidence == [.saved(ExposureReport(frames: 10, bytes: camera.movieBytes(frames: 10))), .notTaken])
    }

    @Test func `a person may change the cassette, and what is on the stage stays there`() throws {
        var settings = ColumnSettings()
        settings.names = [1: "A", 2: "B"]
        let bench = Bench(settings: settings)
        try bench.ready()
        bench.column.changeCassette { cassette in
            cassette.names[2] = "X"
            cassette.emptySlots = [1, 3]
        }
        let slots = try bench.run { try await $0.slots() }
        #expect(slots.prefix(3).map(\.state) == [.onStage, .occupied, .empty])
        #expect(slots.prefix(2).map(\.name) == ["A", "X"])
        #expect(try bench.problem { try await $0.load(slot: 3) } == .slotEmpty(slot: 3))
    }

    @Test func `a column that lost its ledger cannot tell what it did`() throws {
        let executor = SeededExecutor(seed: 1)
        let column = SimulatedColumn(seed: 7, history: nil)
        let scope = SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) }, camera: PixelFreeCamera()
        )
        let evidence = try executor.complete {
            try await scope.connect(greeting: "again")
            return try await scope.evidence(of: Bench.request("before"))
        }
        #expect(evidence == .cannotTell)
    }

    @Test func `every line is handed on as it is written`() throws {
        let heard = Heard()
        let column = SimulatedColumn(seed: 7, record: { entry in heard.lines.withLock { $0.append(entry.line) } })
        let executor = SeededExecutor(seed: 1)
        let scope = SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) }, camera: PixelFreeCamera()
        )
        try executor.complete { try await scope.connect(greeting: "hello") }
        #expect(
            heard.lines.withLock { $0 } == [
                #"{"client":1,"kind":"connect","t":"2026-11-18T11:06:40.500Z"}"#,
                #"{"args":["hello"],"client":1,"kind":"command","name":"echo","t":"2026-11-18T11:06:40.500Z"}"#,
            ])
    }
}

private final class Heard: Sendable {
    let lines = Mutex<[String]>([])
}

/// A pixel-free camera whose files are already there.
private struct DiskOf: SimulatedCamera {
    let files: [String: Int]
    private let camera = PixelFreeCamera()
    init(files: [String: Int]) { self.files = files }
    var optics: CameraOptics { camera.optics }
    func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize {
        try await camera.takeAtlas(pieces, tiles: tiles, into: file)
    }
    func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize {
        try await camera.take(area, of: view, into: file)
    }
    func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie {
        try await camera.takeMovie(of: view, request)
    }
    func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        try await camera.find(feature, in: view)
    }
    func bytes(of file: String, noted: Int?) -> Int? { files[file] }
    func movieBytes(frames: Int) -> Int { camera.movieBytes(frames: frames) }
}
