import Microscope
import RunModel

/// The state of a simulated column. Every change is one call under the column's lock.
package struct ColumnBody: Sendable {
    /// What is under way for a client that has gone: the column carries it to its end.
    package struct Orphan: Sendable {
        let until: Timestamp
        let effect: @Sendable (inout ColumnBody, Moment) -> Void
    }

    package struct Exposure: Sendable {
        let report: ExposureReport
        let file: String
        var hasEnded = false
        /// Bytes that a camera without a disk says it wrote.
        var notedBytes: Int?

        package init(report: ExposureReport, file: String) {
            self.report = report
            self.file = file
        }
    }

    /// Lines in memory; a run of a day fills it with questions, so the oldest go. Exposures are remembered apart and for ever.
    var linesKept = 100_000

    package let settings: ColumnSettings
    package let seed: UInt64
    let record: @Sendable (LedgerEntry) -> Void
    /// False for a column that was switched on after exposures it cannot know of.
    let remembersAll: Bool
    package var random: SplitMix64
    package var origin: Timestamp?
    var ledger: [LedgerEntry] = []
    package var counters = ColumnCounters()
    package var faults = FaultList()

    package var lastClient = 0
    package var client: Int?
    /// Who says that the column is theirs, and until when.
    var claim: (claim: ScopeClaim, until: Timestamp)?
    /// When somebody last read it and went away again, by seconds.
    var claimReadAt: Double?
    package var inProgress: [Int: Int] = [:]
    package var lastTicket = 0
    package var motion: Int?
    package var orphans: [Orphan] = []
    var commandsByName: [String: Int] = [:]

    var cassette: SimulatedCassette
    package private(set) var loaded: Int?
    /// How often each slot's cartridge came onto the stage.
    private var loads: [Int: Int] = [:]
    /// The grid on the stage.
    package private(set) var specimen: SimulatedSpecimen?
    package private(set) var placement: SimulatedPlacement?
    /// How the grid lay when each atlas was taken, by file.
    package var atlases: [String: SimulatedPlacement] = [:]
    package var valvesOpen = false
    var pumpingUntil: Timestamp?
    package var fillingUntil: Timestamp?
    package var goniometer: Goniometer
    package var imageShift = SpecimenPoint.zero
    package var lens = Lens()
    /// What the column was last prepared for; nil after a load.
    var level: ImagingLevel?
    /// What the camera saw in its last Record exposure, for a camera that hands it over again.
    package var lastRecorded: CameraView?
    package var exposures: [String: Exposure] = [:]
    package var exposuresBegun = 0
    /// What frames were last to be called, in an earlier life: programs keep that beyond their end.
    package var frameName: String?

    init(
        settings: ColumnSettings, seed: UInt64, remembersAll: Bool, record: @escaping @Sendable (LedgerEntry) -> Void
    ) {
        self.settings = settings
        self.seed = seed
        self.record = record
        self.remembersAll = remembersAll
        cassette = SimulatedCassette(emptySlots: settings.emptySlots, names: settings.names)
        random = SplitMix64(seed: Seed.of(seed, 100))
        goniometer = Goniometer(seed: Seed.of(seed, 101))
        lens.astigmatism = random.uniform(60...180)
        lens.astigmatismAngle = random.uniform(-1.5...1.5)
    }

    /// Seconds of the column's own time since its first contact.
    package func elapsed(at moment: Moment) -> Double {
        origin.map { moment.at.seconds(since: $0) * moment.speed } ?? 0
    }

    package mutating func putOnStage(_ slot: Int?) {
        loaded = slot
        guard let slot else {
            (specimen, placement) = (nil, nil)
            return
        }
        loads[slot, default: 0] += 1
        let placement = placement(of: slot, load: loads[slot, default: 1])
        specimen = Self.specimen(slot: slot, settings: settings, seed: seed).placed(placement)
        self.placement = placement
    }

    /// No loader puts a grid down twice in one way; its first place is where it is known from.
    private func placement(of slot: Int, load: Int) -> SimulatedPlacement {
        guard load > 1 else { return SimulatedPlacement(slot: slot, turn: 0, shift: .zero) }
        var random = SplitMix64(seed: Seed.of(seed, 210, slot, load))
        let turn = settings.reloadTurn * (random.chance(0.5) ? 1 : -1) * .pi / 180
        let shift = SpecimenPoint.polar(settings.reloadShift.micrometres, random.uniform(-Double.pi...Double.pi)).shift
        return SimulatedPlacement(slot: slot, turn: turn, shift: shift)
    }

    package static func specimen(slot: Int, settings: ColumnSettings, seed: UInt64) -> SimulatedSpecimen {
        SimulatedSpecimen(seed: Seed.of(seed, 200, slot), holeType: settings.holeTypes[slot].flatMap(HoleType.init))
    }

    /// The place of the specimen that the beam falls on.
    var lookedAt: SpecimenPoint { goniometer.truePosition + imageShift }

    package mutating func write(
        _ kind: LedgerEntry.Kind, client: Int, at moment: Moment, name: String? = nil, args: [String]? = nil,
        preset: String? = nil, exposure: ExposureRequest? = nil, file: String? = nil, bytes: Int? = nil
    ) {
        var entry = LedgerEntry(at: moment.at, kind: kind, client: client, name: name, args: args, preset: preset)
        entry.grid = loaded
        entry.file = exposure?.file ?? file
        entry.frames = exposure?.frames
        entry.bytes = bytes
        if kind == .exposure {
            let stage = goniometer.position
            entry.stage = [stage.x, stage.y, stage.z].map { rounded($0.micrometres) }
            entry.imageShift = [rounded(imageShift.x), rounded(imageShift.y)]
        }
        ledger.append(entry)
        if ledger.count > linesKept { ledger.removeFirst(max(1, linesKept / 4)) }
        record(entry)
    }

    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

/// A moment as a client sees it: the wall's time, and how many times faster than a real column this one runs.
package struct Moment: Sendable {
    package let at: Timestamp
    package let speed: Double

    package init(at: Timestamp, speed: Double) {
        self.at = at
        self.speed = speed
    }

    package func after(_ seconds: Double) -> Timestamp { at.advanced(bySeconds: seconds / speed) }
}
