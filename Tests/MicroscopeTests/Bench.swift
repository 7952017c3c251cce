import Microscope
import RunModel

/// A column with a client, a clock that jumps, and no pixels.
struct Bench {
    let column: SimulatedColumn
    let clock: VirtualClock
    let scope: SimulatedMicroscope
    let camera: any SimulatedCamera

    init(
        seed: UInt64 = 7, settings: ColumnSettings = ColumnSettings(), faults: [SimulatedFault] = [], jumps: Bool = true,
        camera: any SimulatedCamera = PixelFreeCamera()
    ) {
        self.column = SimulatedColumn(settings: settings, seed: seed, faults: faults)
        self.clock = VirtualClock(jumps: jumps)
        self.camera = camera
        let clock = clock
        scope = SimulatedMicroscope(column: column, clock: clock, now: { clock.timestamp }, camera: camera)
    }

    func anotherClient() -> SimulatedMicroscope {
        let clock = clock
        return SimulatedMicroscope(column: column, clock: clock, now: { clock.timestamp }, camera: camera)
    }

    /// Connected, with a cartridge on the stage and the valves open.
    func ready(slot: Int = 1) async throws {
        try await scope.connect(greeting: "test")
        try await scope.load(slot: slot)
        try await scope.setValves(open: true)
    }

    static func request(_ name: String = "e1") -> ExposureRequest {
        ExposureRequest(name: name, file: "/movies/\(name).mrc", frames: 10, exposureTime: 2.4, dose: 40)
    }

    /// Names of the commands in the ledger.
    var commands: [String] { column.ledger.filter { $0.kind == .command }.compactMap(\.name) }
}
