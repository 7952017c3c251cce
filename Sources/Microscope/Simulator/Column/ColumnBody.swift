import RunModel

/// The state of a simulated column. Every change is one call under the column's lock.
struct ColumnBody: Sendable {
    /// What is under way for a client that has gone: the column carries it to its end.
    struct Orphan: Sendable {
        let until: Timestamp
        let effect: @Sendable (inout ColumnBody, Moment) -> Void
    }

    struct Exposure: Sendable {
        let report: ExposureReport
        let file: String
        var hasEnded = false
        /// Bytes that a camera without a disk says it wrote.
        var notedBytes: Int?
    }

    /// Lines in memory; a run of a day fills it with questions, so the oldest go. Exposures are remembered apart and for ever.
    var linesKept = 100_000

    let settings: ColumnSettings
    let seed: UInt64
    let record: @Sendable (LedgerEntry) -> Void
    /// False for a column that was switched on after exposures it cannot know of.
    let remembersAll: Bool
    var random: SeededGenerator
    var origin: Timestamp?
    var ledger: [LedgerEntry] = []
    var counters = ColumnCounters()
    var faults = FaultList()

    var lastClient = 0
    var client: Int?
    var inProgress: [Int: Int] = [:]
    var lastTicket = 0
    var motion: Int?
    var orphans: [Orphan] = []
    var commandsByName: [String: Int] = [:]

    var cassette: SimulatedCassette
    private(set) var loaded: Int?
    /// The grid on the stage.
    private(set) var specimen: SimulatedSpecimen?
    var valvesOpen = false
    var pumpingUntil: Timestamp?
    var fillingUntil: Timestamp?
    var goniometer: Goniometer
    var imageShift = SpecimenPoint.zero
    var lens = Lens()
    /// What the column was last prepared for; nil after a load.
    var level: ImagingLevel?
    /// What the camera saw in its last Record exposure, for a camera that hands it over again.
    var lastRecorded: CameraView?
    var exposures: [String: Exposure] = [:]
    var exposuresBegun = 0
    /// What frames were last to be called, in an earlier life: programs keep that beyond their end.
    var frameName: String?

    init(
        settings: ColumnSettings, seed: UInt64, remembersAll: Bool, record: @escaping @Sendable (LedgerEntry) -> Void
    ) {
        self.settings = settings
        self.seed = seed
        self.record = record
        self.remembersAll = remembersAll
        cassette = SimulatedCassette(emptySlots: settings.emptySlots, names: settings.names)
        random = SeededGenerator(seed: Seed.of(seed, 100))
        goniometer = Goniometer(seed: Seed.of(seed, 101))
        lens.astigmatism = random.uniform(60...180)
        lens.astigmatismAngle = random.uniform(-1.5...1.5)
    }

    /// Seconds of the column's own time since its first contact.
    func elapsed(at moment: Moment) -> Double {
        origin.map { moment.at.seconds(since: $0) * moment.speed } ?? 0
    }

    mutating func putOnStage(_ slot: Int?) {
        loaded = slot
        specimen = slot.map { Self.specimen(slot: $0, settings: settings, seed: seed) }
    }

    static func specimen(slot: Int, settings: ColumnSettings, seed: UInt64) -> SimulatedSpecimen {
        SimulatedSpecimen(seed: Seed.of(seed, 200, slot), holeType: settings.holeTypes[slot].flatMap(HoleType.init))
    }

    /// The place of the specimen that the beam falls on.
    var lookedAt: SpecimenPoint { goniometer.truePosition + imageShift }

    mutating func write(
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
struct Moment: Sendable {
    let at: Timestamp
    let speed: Double

    func after(_ seconds: Double) -> Timestamp { at.advanced(bySeconds: seconds / speed) }
}
