import Microscope
import RunModel
import Synchronization

/// The body of a simulated microscope: what stands in the microscope room and outlives every program that talks to it.
///
/// Its ledger is the truth about what was done. Several `SimulatedMicroscope`s may be clients of one column; the newest is heard.
public final class SimulatedColumn: Sendable {
    public let settings: ColumnSettings
    public let seed: UInt64
    private let body: Mutex<ColumnBody>

    /// `history`: the ledger of an earlier life, from which it takes up its cartridge, valves and exposures; nil when that ledger is
    /// lost, so that nobody can tell what became of an exposure it has not seen. `record` is called under the column's lock, in order,
    /// with every new line before the command is answered; `linesKept`: how many stay in memory besides.
    public init(
        settings: ColumnSettings = ColumnSettings(), seed: UInt64, faults: [SimulatedFault] = [],
        history: [LedgerEntry]? = [], linesKept: Int = 100_000, record: @escaping @Sendable (LedgerEntry) -> Void = { _ in }
    ) {
        self.settings = settings
        self.seed = seed
        var body = ColumnBody(settings: settings, seed: seed, remembersAll: history != nil, record: record)
        body.linesKept = linesKept
        body.faults = FaultList(faults)
        body.takeUp(history ?? [])
        self.body = Mutex(body)
    }

    /// What happened since the column was made, oldest first; the newest 75,000 lines at least.
    public var ledger: [LedgerEntry] { change { $0.ledger } }
    public var counters: ColumnCounters { change { $0.counters } }
    /// The connection that is heard; nil when none is open.
    public var connectedClient: Int? { change { $0.client } }
    /// Slot of the cartridge on the stage, as the body knows it, without asking through a link.
    public var cartridgeOnStage: Int? { change { $0.loaded } }
    /// Who says that the column is theirs, fresh or not.
    public var claim: ScopeClaim? { change { $0.claim?.claim } }
    public var areValvesOpen: Bool { change { $0.valvesOpen } }

    /// The true grid of a slot; nil for an empty one.
    public func specimen(slot: Int) -> SimulatedSpecimen? {
        guard (1...max(1, settings.slots)).contains(slot), !cassette.emptySlots.contains(slot) else { return nil }
        return ColumnBody.specimen(slot: slot, settings: settings, seed: seed)
    }

    /// The true defocus at the place looked at, negative under focus; nil without a cartridge.
    public var trueDefocus: Length? { change { $0.trueDefocus } }
    /// The true place of the specimen under the beam, whatever the goniometer says.
    public var truePosition: StagePosition { change { $0.lookedAt.stage } }

    /// What is still to happen, with how often.
    public var faults: [SimulatedFault] { change { $0.faults.faults } }
    public func add(_ fault: SimulatedFault) {
        change { $0.faults.add(fault) }
    }
    public func setFaults(_ faults: [SimulatedFault]) {
        change { $0.faults = FaultList(faults) }
    }

    @discardableResult
    package func change<Value: Sendable, Problem: Error>(
        _ work: @Sendable (inout ColumnBody) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        let outcome: Result<Value, Problem> = body.withLock { body in
            do throws(Problem) { return .success(try work(&body)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

extension ColumnBody {
    /// Takes up the state that an earlier life's ledger tells of. The lines themselves are not written again.
    mutating func takeUp(_ history: [LedgerEntry]) {
        for entry in history {
            lastClient = max(lastClient, entry.client)
            switch entry.kind {
            case .load: putOnStage(entry.grid)
            case .valves: valvesOpen = entry.args == ["open"]
            case .exposure where entry.frames != nil:
                guard let name = entry.name, let file = entry.file else { continue }
                let report = ExposureReport(frames: entry.frames ?? 0, bytes: entry.bytes ?? 0)
                exposures[name] = Exposure(report: report, file: file)
            case .saved: entry.name.map { exposures[$0]?.hasEnded = true }
            case .command where entry.name == SerialEMCommand.setFrameBaseName.name: frameName = entry.args?.last
            case .connect, .disconnect, .command, .exposure: continue
            }
        }
    }
}
