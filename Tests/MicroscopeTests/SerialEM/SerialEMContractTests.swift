import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import Synchronization
import TestSupport
import Testing

/// A microscope behind a simulated SerialEM, over a wire in memory, on a clock that jumps from one event to the next.
struct WireBench: Sendable {
    let executor: SeededExecutor
    let column: SimulatedColumn
    let folder: TemporaryFolder
    let dialer = PipeDialer()
    /// What the microscope has written down.
    let log = LogLines()
    let scope: SerialEMMicroscope
    let other: SerialEMMicroscope

    init(
        seed: UInt64 = 7, vendor: Vendor = .thermoFisher, asks asked: Vendor? = nil, emptySlots: Set<Int> = [],
        faults: [SimulatedFault] = [],
        link: [SerialEMFault] = [], setup: ProgramSettings = ProgramSettings(), size: Int = 256, frames: FrameKind = .mrc,
        adjust: (inout SerialEMSettings) -> Void = { _ in }
    ) throws {
        let executor = SeededExecutor(seed: seed)
        let folder = try TemporaryFolder()
        var settings = ColumnSettings()
        settings.emptySlots = emptySlots
        settings.loader = vendor == .jeol ? .jeol : .thermoFisher
        let column = SimulatedColumn(settings: settings, seed: seed, faults: faults)
        let now: @Sendable () -> Timestamp = { Timestamp(virtual: executor.now.sinceStart) }
        let program = SimulatedSerialEM(
            column: column, camera: RenderingCamera(size: size, pixelSize: 1.5, renderer: InlineRenderer()),
            directory: folder.path(of: "scope"), clock: executor.clock, now: now, speed: 1,
            settings: setup, faults: link.filter(\.isOfProgram), frames: frames)
        let server = SerialEMServer(program: program, clock: executor.clock, faults: link)
        let (dialer, log) = (dialer, log)
        executor.start { await server.run(dialer.connections) }
        self.executor = executor
        self.column = column
        self.folder = folder
        let description = MicroscopeDescription(id: "scope-1", name: "Scope", vendor: asked ?? vendor, voltage: 300)
        let detector = DetectorDescription(
            id: "camera", name: "Camera", microscope: "scope-1", width: size, height: size, pixelSize: 1.5)
        var adjusted = SerialEMSettings(address: SerialEMAddress(host: "127.0.0.1"))
        adjust(&adjusted)
        let scopeSettings = adjusted
        let make = {
            SerialEMMicroscope(
                scopeSettings, description, detector, dialer: dialer,
                clock: executor.clock, now: now, work: InlineRenderer(), files: InlineFileWork(), log: log.add)
        }
        (scope, other) = (make(), make())
    }

    @discardableResult
    func run<Value: Sendable>(_ body: @escaping @Sendable (SerialEMMicroscope) async throws -> Value) throws -> Value {
        let scope = scope
        return try executor.complete { try await body(scope) }
    }
}

extension WireBench {
    /// What a command threw; nil where it succeeded.
    func problem(of body: @escaping @Sendable (SerialEMMicroscope) async throws -> Void) throws -> MicroscopeError? {
        try run { scope in
            do { try await body(scope) } catch let problem as MicroscopeError { return problem }
            return nil
        }
    }
}

final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    @Sendable func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// SerialEMs that differ where real ones do.
enum SerialEMKind: String, CaseIterable, Sendable {
    case thermoFisherWithUTAPI, thermoFisher41, jeol, boxes

    var vendor: Vendor { self == .jeol ? .jeol : .thermoFisher }

    var setup: ProgramSettings {
        var setup = ProgramSettings()
        if self == .thermoFisher41 {
            setup.version = .v4_1
            setup.hasUTAPI = false
        }
        setup.putsProblemsIntoBoxes = self == .boxes
        return setup
    }
}

@Suite struct SerialEMContractTests {
    @Test(arguments: MicroscopeContract.Clause.allCases, SerialEMKind.allCases)
    func `the microscope behind any SerialEM keeps the contract`(
        _ clause: MicroscopeContract.Clause, _ kind: SerialEMKind
    ) throws {
        let bench = try WireBench(vendor: kind.vendor, emptySlots: [2], setup: kind.setup)
        let contract = MicroscopeContract(scope: bench.scope, other: bench.other, path: { bench.folder.path(of: $0) })
        try bench.executor.complete { try await contract.hold(clause) }
        #expect(bench.executor.strays == 0, "nothing may leave the executor it was started on")
    }
}
