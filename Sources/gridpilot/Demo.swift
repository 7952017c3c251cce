import Accounts
import Engine
import Foundation
import Microscope
import RunModel
import Simulator
import Store

/// What `--demo` adds: two simulated microscopes, three people, and on each microscope a session that is ready to start.
struct Demo {
    static let group = "demo"

    static let microscopes = [
        MicroscopeEntry(
            MicroscopeDescription(id: "demo-scope", name: "Demo scope", vendor: .thermoFisher, voltage: 300),
            link: .simulator(seed: 11)),
        MicroscopeEntry(
            MicroscopeDescription(id: "demo-scope-2", name: "Demo scope 2", vendor: .thermoFisher, voltage: 200),
            link: .simulator(seed: 12)),
    ]
    static let detectors = zip(["demo-camera", "demo-camera-2"], microscopes).map { id, entry in
        DetectorEntry(
            DetectorDescription(
                id: DetectorID(unchecked: id), name: id == "demo-camera" ? "Demo camera" : "Demo camera 2", microscope: entry.id,
                width: 1024, height: 1024, pixelSize: 1.5))
    }

    /// The demo's microscopes, the first ones behind the SerialEMs at these addresses.
    static func microscopes(behind addresses: [SerialEMAddress]) -> [MicroscopeEntry] {
        microscopes.enumerated().map { index, entry in
            guard addresses.indices.contains(index) else { return entry }
            var settings = SerialEMSettings(address: addresses[index])
            // An imaging state that the simulated SerialEM has from the start.
            settings.levels[.atlas] = LevelSettings(lowDose: false, imagingState: "atlas")
            return MicroscopeEntry(entry.description, link: .serialEM(settings))
        }
    }

    let store: RunStore
    let engine: Engine
    let accounts: Accounts

    /// Safe to repeat: a session that is not complete yet is kept.
    func prepareSessions() async throws {
        let sessions = try store.sessions(SessionFilter(groups: [Self.group]), limit: 10_000)
        var number = sessions.count
        for (microscope, detector) in zip(Self.microscopes, Self.detectors) {
            let own = sessions.filter { $0.session.microscope == microscope.id }
            guard own.allSatisfy({ $0.status == .completed }) else { continue }
            number = try await create(from: number + 1, microscope.description, detector.description)
        }
    }

    /// Under the next number that is free, which is returned: the folder of a session may outlive its store.
    private func create(
        from first: Int, _ microscope: MicroscopeDescription, _ detector: DetectorDescription
    ) async throws(EngineError) -> Int {
        var number = first
        while true {
            do throws(EngineError) {
                try await engine.create(created(number, microscope, detector))
                return number
            } catch {
                switch error {
                case .files(.folderTaken), .store(.nameTaken): number += 1
                default: throw error
                }
            }
        }
    }

    private func created(_ number: Int, _ microscope: MicroscopeDescription, _ detector: DetectorDescription) -> SessionCreated {
        let now = engine.parts.now()
        let day = engine.parts.zone.day(of: now)
        let id = SessionID(unchecked: "demo-\(engine.parts.newID())")
        let name = "demo_\(number)"
        let session = Session(
            id: id, name: name, group: Self.group, microscope: microscope.id, detector: detector.id, createdBy: "staff",
            createdAt: now,
            directory: "sessions/\(Self.group)/\(day)_\(name)", settings: Self.settings)
        let grids = [(1, "apoferritin_A1"), (2, "apoferritin_A2")].map { slot, name in
            Grid(id: GridID(id, slot: slot), name: name, slot: slot, holeType: "R1.2/1.3", meshMaterial: "Au", recipe: "spa")
        }
        return SessionCreated(session: session, microscope: microscope, detector: detector, grids: grids)
    }

    private static var settings: GridSettings {
        var settings = GridSettings()
        settings.squaresPerGrid = 3
        settings.holesPerSquare = 2
        // A newcomer's disk: a session of the demo writes less than a tenth of it.
        settings.diskReserve = 2_000_000_000
        return settings
    }

    /// Faults that the environment asks for: a JSON list as `SimulatedFault` has it, in the file that `GRIDPILOT_DEMO_FAULTS` names.
    static func faults() throws(CommandProblem) -> [SimulatedFault] {
        guard let path = ProcessInfo.processInfo.environment["GRIDPILOT_DEMO_FAULTS"] else { return [] }
        do {
            return try JSONDecoder().decode([SimulatedFault].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw CommandProblem(
                "The faults in \(path) cannot be used: it is missing, or no JSON list of faults.",
                remedy: "Correct GRIDPILOT_DEMO_FAULTS.")
        }
    }
}
