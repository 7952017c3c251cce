import Microscope
import RunModel
import Simulator
import TestSupport

/// A simulated column with one client, on a clock that jumps from one event to the next.
struct Bench: Sendable {
    let executor: SeededExecutor
    let column: SimulatedColumn
    let scope: SimulatedMicroscope
    let camera: any SimulatedCamera

    init(
        seed: UInt64 = 7, settings: ColumnSettings = ColumnSettings(), faults: [SimulatedFault] = [],
        camera: any SimulatedCamera = PixelFreeCamera()
    ) {
        executor = SeededExecutor(seed: seed)
        column = SimulatedColumn(settings: settings, seed: seed, faults: faults)
        self.camera = camera
        scope = Self.client(of: column, executor, camera)
    }

    private static func client(
        of column: SimulatedColumn, _ executor: SeededExecutor, _ camera: any SimulatedCamera
    ) -> SimulatedMicroscope {
        SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) }, camera: camera)
    }

    func anotherClient() -> SimulatedMicroscope { Self.client(of: column, executor, camera) }

    /// Seconds since the clock was made.
    var seconds: Double { Double(Timestamp(virtual: executor.now.sinceStart).milliseconds - Timestamp.virtualStart) / 1000 }

    @discardableResult
    func run<Value: Sendable>(_ body: @escaping @Sendable (SimulatedMicroscope) async throws -> Value) throws -> Value {
        let scope = scope
        return try executor.complete { try await body(scope) }
    }

    /// Connected, with a cartridge on the stage, the valves open and the pumps still.
    func ready(slot: Int = 1) throws {
        let clock = executor.clock
        try run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: slot)
            try await scope.setValves(open: true)
            try await clock.sleep(for: .seconds(120))
        }
    }

    /// What a command threw; nil where it succeeded.
    func problem(of body: @escaping @Sendable (SimulatedMicroscope) async throws -> Void) throws -> MicroscopeError? {
        try run { scope in
            do { try await body(scope) } catch let problem as MicroscopeError { return problem }
            return nil
        }
    }

    static func request(_ name: String = "e1", file: String? = nil, dose: Double = 40) -> ExposureRequest {
        ExposureRequest(name: name, file: file ?? "/movies/\(name).mrc", frames: 10, exposureTime: 2.4, dose: dose)
    }

    func entries(_ kind: LedgerEntry.Kind) -> [LedgerEntry] { column.ledger.filter { $0.kind == kind } }

    /// The first good square of a slot's grid, and its middle hole.
    func goodPlace(slot: Int = 1) -> (square: SimulatedSquare, hole: SimulatedHole) {
        let specimen = column.specimen(slot: slot)!
        let square = specimen.squares.first { $0.targetClass == .good }!
        let hole = specimen.holes(of: square).filter { $0.targetClass == .good }.min {
            $0.position.distance(to: square.position) < $1.position.distance(to: square.position)
        }!
        return (square, hole)
    }
}
