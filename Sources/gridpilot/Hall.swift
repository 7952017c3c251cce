import Blocking
import Dispatch
import Engine
import Microscope
import RunModel
import Simulator

/// The microscopes that this server reaches. Simulated columns stand here for as long as the process lives.
final class Hall: Sendable {
    private enum Place: Sendable {
        case simulated(SimulatedColumn, cameras: [DetectorID: RenderingCamera])
        case serialEM(SerialEMSettings, detectors: [DetectorID: SharedFolder?], work: QueueRenderer)
    }
    let facility: [MicroscopeDescription]
    let detectors: [DetectorDescription]
    private let places: [MicroscopeID: Place]
    private let speed: Double
    private let now: @Sendable () -> Timestamp
    private let disks: DiskLanes

    init(
        _ microscopes: [MicroscopeEntry], _ detectors: [DetectorEntry], speed: Double, faults: [SimulatedFault] = [],
        disks: DiskLanes, now: @escaping @Sendable () -> Timestamp
    ) {
        facility = microscopes.map(\.description)
        self.detectors = detectors.map(\.description)
        self.speed = speed
        self.now = now
        self.disks = disks
        places = Dictionary(
            uniqueKeysWithValues: microscopes.map { entry in
                (entry.id, Self.place(entry, detectors.filter { $0.microscope == entry.id }, faults))
            })
    }

    private static func place(_ entry: MicroscopeEntry, _ detectors: [DetectorEntry], _ faults: [SimulatedFault]) -> Place {
        let work = QueueRenderer(label: "camera.\(entry.id)")
        switch entry.link {
        case .simulator(let seed):
            // What stood here before this process is forgotten, and says so when it is asked about an exposure.
            let column = SimulatedColumn(settings: ColumnSettings(entry.description), seed: seed, faults: faults, history: nil)
            let cameras = detectors.map { ($0.id, RenderingCamera(optics: CameraOptics($0.description), renderer: work)) }
            return .simulated(column, cameras: Dictionary(uniqueKeysWithValues: cameras))
        case .serialEM(let settings):
            let folders = detectors.map { ($0.id, SharedFolder($0)) }
            return .serialEM(settings, detectors: Dictionary(uniqueKeysWithValues: folders), work: work)
        }
    }

    func microscope(_ microscope: MicroscopeDescription, _ detector: DetectorDescription) -> any Microscope {
        switch places[microscope.id] {
        case .simulated(let column, let cameras):
            guard let camera = cameras[detector.id] else { break }
            return SimulatedMicroscope(column: column, clock: ContinuousClock(), now: now, camera: camera, speed: speed)
        case .serialEM(var settings, let detectors, let work):
            guard let folder = detectors[detector.id] else { break }
            settings.framesFolder = folder
            return SerialEMMicroscope(
                settings, microscope, detector, dialer: SocketDialer(), clock: ContinuousClock(), now: now, work: work,
                files: DiskWork(disks: disks))
        case nil: break
        }
        return AbsentMicroscope(id: microscope.id, detector: detector.id)
    }
}

extension SharedFolder {
    /// Where a camera leaves its frames; nil when they go straight into the session's folder.
    init?(_ detector: DetectorEntry) {
        guard let here = detector.description.framesDirectory, let there = detector.framesFolder else { return nil }
        self.init(here: here, there: there)
    }
}

extension ColumnSettings {
    init(_ description: MicroscopeDescription) {
        self.init()
        slots = description.slots
        voltage = description.voltage
        cs = description.cs
    }
}

/// One thread for the pixels and files of one microscope.
struct QueueRenderer: Renderer {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .utility) }

    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }
}

/// Files of a microscope, each on its disk's lane.
struct DiskWork: FileWork {
    let disks: DiskLanes
    /// The longest movie is copied in less.
    private static let deadline = Duration.seconds(300)

    func run<Value: Sendable>(at path: String, _ work: @escaping @Sendable () -> Value) async -> Value? {
        // Why there is no answer is plain to the caller: its task was cancelled, or the disk is silent.
        try? await disks.run(at: path, deadline: Self.deadline, endsWhenCancelled: true, work)
    }
}
