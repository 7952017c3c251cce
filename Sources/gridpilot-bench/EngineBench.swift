import ArgumentParser
import Blocking
import Engine
import Foundation
import Microscope
import Processing
import RunModel
import Simulator
import Store
import Synchronization

struct EngineBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "What the engine adds between two microscope commands: the simulator without pixels, the real store on disk.")
    @Option(help: "Grids of the session.") var grids = 2
    @Option(help: "Where the store is written: the disk counts. (default: a folder in /tmp)") var folder: String?

    func run() async throws {
        let place = try folder ?? Scratch.folder()
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: place) } }  // A leftover in /tmp does no harm.
        let gaps = Gaps()
        let bench = try BenchEngine(place) { microscope in TimedMicroscope(microscope, gaps) }
        let took = try await bench.runWhole(session: bench.session(grids: grids, squares: 10, holes: 10))
        let spread = gaps.spread
        print("\(spread.count + 1) commands in \(Int(took.rounded())) s")
        Report.line("From a command's end to the next one's start, median", spread.median, "ms", promised: 5)
        Report.line("… 99th percentile", spread.percentile(0.99), "ms", promised: 5)
        Report.line("The fence in front of a command, median of \(gaps.gate.count)", gaps.gate.median, "ms", promised: 0.1)
    }
}

/// An engine on this machine, with the simulator behind it and no pixels.
struct BenchEngine {
    let engine: Engine
    let store: RunStore
    private let column = SimulatedColumn(seed: 11)

    static let microscope = MicroscopeDescription(id: "bench-scope", name: "Bench scope", vendor: .thermoFisher, voltage: 300)
    static let detector = DetectorDescription(
        id: "bench-camera", name: "Bench camera", microscope: "bench-scope", width: 1024, height: 1024, pixelSize: 1.5)

    init(_ folder: String, wrap: @escaping @Sendable (SimulatedMicroscope) -> any Microscope = { $0 }) throws {
        store = try RunStore.open(at: "\(folder)/gridpilot.sqlite")
        let disks = DiskLanes()
        var settings = EngineSettings()
        settings.speed = QuickScope.speed
        let column = column
        engine = Engine(
            EngineParts(
                store: store, executor: QueueExecutor(label: "engine"), clock: ContinuousClock(), now: Moments.now,
                newID: { UUID().uuidString },
                microscope: { _, _ in
                    wrap(
                        SimulatedMicroscope(
                            column: column, clock: ContinuousClock(), now: Moments.now, camera: PixelFreeCamera(),
                            speed: QuickScope.speed))
                },
                finder: SpecimenFinder(column: column), jobs: NoJobs(), files: LocalFiles(root: folder, disks: disks),
                locks: LocalLockFiles(directory: "\(folder)/locks", disks: disks), processes: LocalProcesses(),
                recipes: try RecipeBook.shipped(), settings: settings))
    }

    func session(grids: Int, squares: Int, holes: Int) -> SessionCreated {
        var settings = GridSettings()
        settings.squaresPerGrid = squares
        settings.holesPerSquare = holes
        settings.diskReserve = 0
        let id: SessionID = "bench"
        let session = Session(
            id: id, name: "bench", group: "bench", microscope: Self.microscope.id, detector: Self.detector.id, createdBy: "bench",
            createdAt: Moments.now(), directory: "sessions/bench/bench", settings: settings)
        let list = (1...grids).map {
            Grid(id: GridID(id, slot: $0), name: "grid_\($0)", slot: $0, holeType: "R1.2/1.3", meshMaterial: nil, recipe: "spa")
        }
        return SessionCreated(session: session, microscope: Self.microscope, detector: Self.detector, grids: list)
    }

    /// Seconds from Start to the run's end.
    func runWhole(session created: SessionCreated) async throws -> Double {
        let running = Task { [engine] in try await engine.run() }
        try await engine.create(created)
        let id = created.session.id
        try await engine.setPauseBetweenGrids(false, id, by: "bench", command: "bench-1")
        let news = await engine.journal.listen()
        let start = ContinuousClock.now
        try await engine.start(id, by: "bench", command: "bench-2")
        for await item in news {
            guard case .written(let appended) = item else { continue }
            if appended.events.contains(where: { ["runCompleted", "runFailed"].contains($0.event.type) }) { break }
        }
        let took = (ContinuousClock.now - start) / .seconds(1)
        await engine.shutDown(within: .seconds(1))
        try await running.value
        return took
    }
}

/// Times between commands, as the microscope sees them.
final class Gaps: Sendable {
    private struct State {
        var ended: ContinuousClock.Instant?
        var spread = Spread()
        var gate = Spread()
    }
    private let state = Mutex(State())

    var spread: Spread { state.withLock { $0.spread } }
    var gate: Spread { state.withLock { $0.gate } }

    func begun() {
        let now = ContinuousClock.now
        state.withLock { state in if let ended = state.ended { state.spread.add((now - ended).milliseconds) } }
    }
    func passed(in duration: Duration) { state.withLock { $0.gate.add(duration.milliseconds) } }
    func ended() { state.withLock { $0.ended = .now } }
}

/// Measures nothing, at once.
private struct NoJobs: JobRunner {
    let width = 1
    func process(_ job: MovieJob) async throws(JobProblem) -> RunModel.Measurement {
        RunModel.Measurement(
            average: "", picture: "", spectrum: "", shifts: [], totalMotion: 0, ctf: nil, reason: "Nothing was measured.")
    }
}

/// Finds what is truly there, from the specimen instead of pixels.
private struct SpecimenFinder: TargetFinder {
    let column: SimulatedColumn

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}

    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        (specimen?.squares ?? []).map { square in
            FoundTarget(
                point: atlas.pixel(at: square.position), size: square.side.ångströms / atlas.pixelSize,
                targetClass: square.targetClass,
                brightness: 0.5)
        }
    }

    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        guard let specimen, let window = specimen.nearestSquare(to: square.centre) else { return [] }
        return specimen.holes(of: window).map { hole in
            FoundTarget(
                point: square.pixel(at: hole.position), size: hole.diameter.ångströms / square.pixelSize,
                targetClass: hole.targetClass,
                brightness: 0.5)
        }
    }

    private var specimen: SimulatedSpecimen? { column.specimenOnStage }

    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { throw FinderProblem(sentence: "No grid is matched here.") }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? { nil }
}
