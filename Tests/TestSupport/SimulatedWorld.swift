import Engine
import RunModel
import Simulator
import Store
import Synchronization

/// What outlives a server: the microscopes, the disk, the store, the table of processes, and the time.
///
/// Each life of the server (`SimulatedRun`) is one process of this world; a kill ends the life and leaves the world.
public final class SimulatedWorld: Sendable {
    struct State {
        var start = Timestamp(milliseconds: 1_790_000_000_000)
        var clockError: Int64 = 0
        var movies: [String: Int] = [:]
        var lockFiles: [MicroscopeID: LockFileContent] = [:]
        var alive: Set<Int> = []
        var lastPid = 1000
        var lastID = 0
        var folderProblem: RunFileError?
        var gridFolderProblem: RunFileError?
        var freeBytes: Int? = 4_000_000_000_000
    }
    let state = Mutex(State())
    public let store: RunStore
    public let seed: UInt64
    public let microscopes: [MicroscopeDescription]
    private let columns: [MicroscopeID: SimulatedColumn]

    /// `other`: another server's world with the same microscopes; the seeds differ, as two data directories do.
    public init(
        seed: UInt64, microscopes count: Int = 1, vendor: Vendor = .thermoFisher, store: RunStore? = nil,
        faults: [SimulatedFault] = [],
        column: ColumnSettings = ColumnSettings(), beside other: SimulatedWorld? = nil
    ) throws {
        self.seed = seed
        self.store =
            try store
            ?? RunStore.inMemory(
                identity: "00000000-0000-4000-8000-\(String(seed % 1_000_000_000_000 + 1_000_000_000_000).dropFirst())")
        var columns: [MicroscopeID: SimulatedColumn] = [:]
        var microscopes: [MicroscopeDescription] = []
        for number in 1...count {
            let id = MicroscopeID(unchecked: "scope-\(number)")
            microscopes.append(MicroscopeDescription(id: id, name: "Scope \(number)", vendor: vendor, voltage: 300))
            columns[id] =
                other?.columns[id] ?? SimulatedColumn(settings: column, seed: seed &+ UInt64(number), faults: faults)
        }
        self.microscopes = microscopes
        self.columns = columns
    }

    public func column(_ id: MicroscopeID = "scope-1") -> SimulatedColumn {
        guard let column = columns[id] else { preconditionFailure("no such microscope in this world") }
        return column
    }

    public func detector(of microscope: MicroscopeID) -> DetectorDescription {
        DetectorDescription(
            id: DetectorID(unchecked: "det-\(microscope)"), name: "DED", microscope: microscope, width: 1024, height: 1024,
            pixelSize: 1.5)
    }

    /// What an operator would have typed into the form.
    public func session(
        _ name: String, on microscope: MicroscopeID = "scope-1", grids: Int = 2, settings: GridSettings = .quick
    ) -> SessionCreated {
        let id = SessionID(unchecked: name)
        let session = Session(
            id: id, name: name, group: "demo", microscope: microscope, detector: detector(of: microscope).id,
            createdBy: "operator", createdAt: now(0), directory: "sessions/demo/20260922_\(name)", settings: settings)
        let grids = (1...grids).map {
            Grid(id: GridID(id, slot: $0), name: "grid\($0)", slot: $0, holeType: "R1.2/1.3", meshMaterial: "gold", recipe: "spa")
        }
        guard let description = microscopes.first(where: { $0.id == microscope }) else {
            preconditionFailure("no such microscope in this world")
        }
        return SessionCreated(session: session, microscope: description, detector: detector(of: microscope), grids: grids)
    }

    /// Bytes free on the one disk; nil while it cannot be measured.
    public var freeBytes: Int? {
        get { state.withLock { $0.freeBytes } }
        set { state.withLock { $0.freeBytes = newValue } }
    }
    /// What a look at the folders of the grid at hand finds; nil where they may be written.
    public var gridFolderProblem: RunFileError? {
        get { state.withLock { $0.gridFolderProblem } }
        set { state.withLock { $0.gridFolderProblem = newValue } }
    }
    /// What a look at the sessions' folders finds; nil where they are as they were.
    public var folderProblem: RunFileError? {
        get { state.withLock { $0.folderProblem } }
        set { state.withLock { $0.folderProblem = newValue } }
    }
    public func lockFile(of microscope: MicroscopeID = "scope-1") -> LockFileContent? {
        state.withLock { $0.lockFiles[microscope] }
    }
    public func setLockFile(_ content: LockFileContent?, of microscope: MicroscopeID = "scope-1") {
        state.withLock { $0.lockFiles[microscope] = content }
    }

    /// The moment at a virtual time of the life that is under way, by the server's clock.
    func now(_ elapsed: Int64) -> Timestamp {
        state.withLock { Timestamp(milliseconds: $0.start.milliseconds + elapsed + $0.clockError) }
    }

    /// The same by the microscope's own clock, which nobody sets.
    func microscopeNow(_ elapsed: Int64) -> Timestamp {
        state.withLock { Timestamp(milliseconds: $0.start.milliseconds + elapsed) }
    }

    /// What the server's clock shows, by the microscope's.
    func microscopeTime(_ moment: Timestamp) -> Timestamp {
        state.withLock { Timestamp(milliseconds: moment.milliseconds - $0.clockError) }
    }

    /// Somebody sets the machine's clock, milliseconds forward or back.
    func setClock(by milliseconds: Int) {
        state.withLock { $0.clockError += Int64(milliseconds) }
    }

    /// A life ended after so many milliseconds: the next one begins there, a second later.
    func pass(_ elapsed: Int64) {
        state.withLock { $0.start = Timestamp(milliseconds: $0.start.milliseconds + elapsed + 1000) }
    }

    /// The process of a life that is under way, as `ProcessTable` names it.
    public func identity(ofPid pid: Int) -> ProcessIdentity {
        ProcessIdentity(host: "scopehost", pid: pid, bootID: "boot-1", start: Int64(pid) * 100)
    }

    func beginProcess() -> ProcessIdentity {
        state.withLock { state in
            state.lastPid += 1
            state.alive.insert(state.lastPid)
            return identity(ofPid: state.lastPid)
        }
    }

    func endProcess(_ pid: Int) { state.withLock { _ = $0.alive.remove(pid) } }

    func newID() -> String {
        state.withLock { state in
            state.lastID += 1
            return "id-\(state.lastID)"
        }
    }

    public func noteMovie(_ file: String, bytes: Int) { state.withLock { $0.movies[file] = bytes } }
    public func removeMovies() { state.withLock { $0.movies = [:] } }
    public func movieBytes(_ file: String) -> Int? { state.withLock { $0.movies[file] } }
}

extension GridSettings {
    /// Small enough for a thousand seeded runs.
    public static var quick: GridSettings {
        var settings = GridSettings()
        settings.squaresPerGrid = 2
        settings.holesPerSquare = 2
        settings.exposuresPerHole = 2
        settings.movie.frames = 4
        return settings
    }
}
