import Blocking
import Engine
import Logging
import Microscope
import RunModel
import Simulator

/// The microscopes and detectors that this server is configured with, and how each is reached. Simulated columns live here as long as the
/// process does.
final class MicroscopeRegistry: Sendable {
    private enum Link: Sendable {
        case simulated(SimulatedColumn, cameras: [DetectorID: RenderingCamera])
        case serialEM(SerialEMSettings, detectors: [DetectorID: SharedFolder?], work: PixelQueue, memory: LoaderMemory)
    }
    let descriptions: [MicroscopeDescription]
    let detectors: [DetectorDescription]
    private let links: [MicroscopeID: Link]
    private let speed: Double
    private let now: @Sendable () -> Timestamp
    private let disks: DiskLanes

    init(
        _ microscopes: [MicroscopeEntry], _ detectors: [DetectorEntry], speed: Double, faults: [SimulatedFault] = [],
        disks: DiskLanes, now: @escaping @Sendable () -> Timestamp
    ) {
        descriptions = microscopes.map(\.description)
        self.detectors = detectors.map(\.description)
        self.speed = speed
        self.now = now
        self.disks = disks
        links = Dictionary(
            uniqueKeysWithValues: microscopes.map { entry in
                (entry.id, Self.link(entry, detectors.filter { $0.microscope == entry.id }, faults))
            })
    }

    private static func link(_ entry: MicroscopeEntry, _ detectors: [DetectorEntry], _ faults: [SimulatedFault]) -> Link {
        let work = PixelQueue(label: "camera.\(entry.id)")
        switch entry.link {
        case .simulator(let seed):
            // What stood here before this process is forgotten, and says so when it is asked about an exposure.
            let column = SimulatedColumn(settings: ColumnSettings(entry.description), seed: seed, faults: faults, history: nil)
            let cameras = detectors.map { ($0.id, RenderingCamera(optics: CameraOptics($0.description), renderer: work)) }
            return .simulated(column, cameras: Dictionary(uniqueKeysWithValues: cameras))
        case .serialEM(let settings):
            let folders = detectors.map { ($0.id, SharedFolder($0)) }
            return .serialEM(settings, detectors: Dictionary(uniqueKeysWithValues: folders), work: work, memory: LoaderMemory())
        }
    }

    /// How the computers of those that are reached through SerialEM call a folder here.
    var pathsThere: [MicroscopeID: @Sendable (String) -> String?] {
        links.compactMapValues { link in
            guard case .serialEM(let settings, _, _, _) = link else { return nil }
            let paths = PathMap(settings.folders)
            return { paths.there($0) }
        }
    }

    func microscope(_ microscope: MicroscopeDescription, _ detector: DetectorDescription) -> any Microscope {
        switch links[microscope.id] {
        case .simulated(let column, let cameras):
            guard let camera = cameras[detector.id] else { break }
            return SimulatedMicroscope(column: column, clock: ContinuousClock(), now: now, camera: camera, speed: speed)
        case .serialEM(var settings, let detectors, let work, let memory):
            guard let folder = detectors[detector.id] else { break }
            settings.framesFolder = folder
            let log = Logger(label: "microscope.\(microscope.id)")
            return SerialEMMicroscope(
                settings, microscope, detector, dialer: SocketDialer(), clock: ContinuousClock(), now: now, work: work,
                files: DiskWork(disks: disks), memory: memory, speed: speed, log: { log.warning("\($0)") })
        case nil: break
        }
        return UnconfiguredMicroscope(id: microscope.id, detector: detector.id)
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
        putGridsDownAnew()
    }
}
