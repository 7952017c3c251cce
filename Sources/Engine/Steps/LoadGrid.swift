import Microscope
import RunModel

extension RunSession {
    /// Brings the grid's cartridge onto the stage and looks that it is there; then the column is made ready.
    func load(_ grid: Grid, _ scope: Scope) async throws(RunEnd) {
        tell(StepReading(step: .load, grid: grid.id, detail: "slot \(grid.slot)", begunAt: parts.now()))
        try await makeDirectories(of: grid)
        try await readCassette(for: grid, scope)
        let loaded = try await scope.command { microscope throws(MicroscopeError) in try await microscope.loadedSlot() }
        if loaded != grid.slot { try await exchange(for: grid, scope, stageIsTaken: loaded != nil) }
        try checkpoint()
        try await waitForColumn(grid.id, scope, opensValves: loaded != grid.slot || run?.hasOpenedValves != true)
        run?.hasOpenedValves = true
    }

    private func exchange(for grid: Grid, _ scope: Scope, stageIsTaken: Bool) async throws(RunEnd) {
        let slots = try known().cassette?.slots ?? []
        if slots.first(where: { $0.slot == grid.slot })?.state == .empty { throw .microscope(.slotEmpty(slot: grid.slot)) }
        try log(.info, "loader", "Loading the cartridge of slot \(grid.slot)")
        let slot = grid.slot
        // The loader's gripper meets the cartridge with the stage level only.
        if stageIsTaken { try await tilt(to: 0, scope) }
        run?.focus = nil
        try await scope.command { microscope throws(MicroscopeError) in try await microscope.load(slot: slot) }
        try await verifyLoaded(grid, scope)
    }

    private func makeDirectories(of grid: Grid) async throws(RunEnd) {
        let base = "\(try known().session.directory)/\(grid.directory)"
        do throws(RunFileError) {
            try await parts.files.makeDirectories(["raw", "png", "movies"].map { "\(base)/\($0)" })
        } catch {
            throw .grid(Failure(error))
        }
    }

    /// Waits for pumps and nitrogen, and for valves that somebody else has closed. Valves are opened only after a load or at the
    /// beginning of a run.
    func waitForColumn(_ grid: GridID, _ scope: Scope, opensValves: Bool = false) async throws(RunEnd) {
        while true {
            try checkpoint()
            let column = try await scope.command { microscope throws(MicroscopeError) in try await microscope.columnState() }
            guard let hindrance = Hindrance(column) else { break }
            if hindrance == .valves, opensValves {
                try await scope.command { microscope throws(MicroscopeError) in try await microscope.setValves(open: true) }
                continue
            }
            try raise(hindrance.notice, hindrance.kind, hindrance.sentence, hindrance.detail(column, parts.settings))
            tell(StepReading(step: .wait, grid: grid, detail: hindrance.word, begunAt: parts.now()))
            try await rest(parts.settings.pollInterval)
        }
        for id in [NoticeID.nitrogen, NoticeID.pumps, NoticeID.valves] { try clear(id) }
    }
}

/// What keeps a column from imaging, the longest wait first.
private enum Hindrance {
    case nitrogen, pumps, valves

    init?(_ column: ColumnState) {
        if column.isFillingNitrogen {
            self = .nitrogen
        } else if column.isPumping {
            self = .pumps
        } else if !column.valvesOpen {
            self = .valves
        } else {
            return nil
        }
    }

    var notice: String {
        switch self {
        case .nitrogen: NoticeID.nitrogen
        case .pumps: NoticeID.pumps
        case .valves: NoticeID.valves
        }
    }
    var kind: Notice.Kind { self == .valves ? .warn : .info }
    var word: String {
        switch self {
        case .nitrogen: "liquid nitrogen"
        case .pumps: "pumps"
        case .valves: "valves"
        }
    }
    var sentence: String {
        switch self {
        case .nitrogen: "Refilling liquid nitrogen."
        case .pumps: "The pumps are running."
        case .valves: "The column valves were closed at the microscope."
        }
    }
    func detail(_ column: ColumnState, _ settings: EngineSettings) -> String {
        switch self {
        case .nitrogen:
            let left = column.fillSecondsLeft.map { ", in about \(max(1, Int(($0 / 60).rounded()))) min" } ?? ""
            return "Imaging waits and resumes by itself\(left)."
        case .pumps: return "Imaging waits and resumes by itself."
        case .valves:
            return
                "Nothing is being imaged. Open them at the microscope once the vacuum allows it; imaging then resumes by itself."
        }
    }
}
