import Microscope
import RunModel

// The column as each level needs it.
extension Column {
    /// Sets the column up for a level. Everything but an exposure is seen with the stage level: maps are made so, and found again so.
    func makeReady(for level: ImagingLevel) async throws(RunEnd) {
        if level != .exposure { try await tilt(to: 0) }
        try await prepare(for: level)
    }

    /// Waits for pumps and nitrogen, and for valves that somebody else has closed. Valves are opened only after a load or at the
    /// beginning of a run.
    func waitUntilUsable(on grid: GridID, opensValves: Bool = false) async throws(RunEnd) {
        let settings = await run.settings
        while true {
            try await run.checkpoint()
            let state = try await state()
            guard let hindrance = Hindrance(state) else { break }
            if hindrance == .valves, opensValves {
                try await openValves()
                continue
            }
            try await run.raise(hindrance.notice, hindrance.kind, hindrance.sentence, hindrance.detail(state))
            await run.tell(StepReading(step: .wait, grid: grid, detail: hindrance.word, begunAt: run.now()))
            try await run.rest(settings.pollInterval)
        }
        for id in [NoticeID.nitrogen, NoticeID.pumps, NoticeID.valves] { try await run.clear(id) }
    }

    /// After a load, or for a cartridge that was on the stage when the run began: its valves are the run's to open.
    func waitUntilUsable(on grid: GridID, afterLoad isLoaded: Bool) async throws(RunEnd) {
        try await waitUntilUsable(on: grid, opensValves: isLoaded || !hasOpenedValves)
        hasOpenedValves = true
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
    func detail(_ column: ColumnState) -> String {
        switch self {
        case .nitrogen:
            let left = column.fillSecondsLeft.map { ", in about \(max(1, Int(clamping: $0 / 60))) min" } ?? ""
            return "Imaging waits and resumes by itself\(left)."
        case .pumps: return "Imaging waits and resumes by itself."
        case .valves:
            return
                "Nothing is being imaged. Open them at the microscope once the vacuum allows it; imaging then resumes by itself."
        }
    }
}
