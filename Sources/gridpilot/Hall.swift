import Dispatch
import Microscope
import RunModel

/// The microscopes that this server reaches. Simulated columns stand here for as long as the process lives.
final class Hall: Sendable {
    private struct Place: Sendable {
        var column: SimulatedColumn
        var cameras: [DetectorID: RenderingCamera]
    }
    let facility: [MicroscopeDescription]
    let detectors: [DetectorDescription]
    private let places: [MicroscopeID: Place]
    private let speed: Double
    private let now: @Sendable () -> Timestamp

    init(
        _ microscopes: [MicroscopeEntry], _ detectors: [DetectorEntry], speed: Double, faults: [SimulatedFault] = [],
        now: @escaping @Sendable () -> Timestamp
    ) {
        facility = microscopes.map(\.description)
        self.detectors = detectors.map(\.description)
        self.speed = speed
        self.now = now
        places = Dictionary(
            uniqueKeysWithValues: microscopes.map { entry in
                // What stood here before this process is forgotten, and says so when it is asked about an exposure.
                let column = SimulatedColumn(settings: ColumnSettings(entry), seed: entry.seed, faults: faults, history: nil)
                let renderer = QueueRenderer(label: "camera.\(entry.id)")
                let cameras = detectors.filter { $0.microscope == entry.id }.map { detector in
                    (detector.id, RenderingCamera(optics: CameraOptics(detector.description), renderer: renderer))
                }
                return (entry.id, Place(column: column, cameras: Dictionary(uniqueKeysWithValues: cameras)))
            })
    }

    func microscope(_ microscope: MicroscopeDescription, _ detector: DetectorDescription) -> any Microscope {
        guard let place = places[microscope.id], let camera = place.cameras[detector.id] else {
            return AbsentMicroscope(id: microscope.id, detector: detector.id)
        }
        return SimulatedMicroscope(column: place.column, clock: ContinuousClock(), now: now, camera: camera, speed: speed)
    }
}

extension ColumnSettings {
    init(_ entry: MicroscopeEntry) {
        self.init()
        slots = entry.description.slots
        voltage = entry.description.voltage
        cs = entry.description.cs
    }
}

/// One thread for the pixels of one microscope.
private struct QueueRenderer: Renderer {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .utility) }

    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }
}
