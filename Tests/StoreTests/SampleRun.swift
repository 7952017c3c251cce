import RunModel
import Store

/// A session of two grids in which everything happens at least once, as entries in the order a run would write them.
struct SampleRun {
    static let session: SessionID = "20261122_tubulin"
    static let scope: MicroscopeID = "scope-1"
    static let first = GridID(session, slot: 3)
    static let second = GridID(session, slot: 6)

    private(set) var entries: [(entry: Entry, at: Timestamp)] = []
    private(set) var now = Timestamp("2026-11-22T20:00:00.000Z") ?? Timestamp(milliseconds: 0)
    private var queueVersion = 0
    private var epoch = 0

    /// One entry, some seconds after the one before.
    mutating func add(_ events: RunEvent..., after seconds: Double = 2.5, command: CommandID? = nil, fenced: Bool = false) {
        now = now.advanced(bySeconds: seconds)
        let fence = fenced ? Fence(microscope: Self.scope, epoch: epoch) : nil
        entries.append((Entry(session: Self.session, events: events, command: command, fence: fence), now))
    }

    static let created: SessionCreated = {
        var settings = GridSettings()
        settings.squaresPerGrid = 2
        settings.holesPerSquare = 2
        settings.exposuresPerHole = 2
        let booking = Session(
            id: session, name: "tubulin", group: "structure", microscope: scope, detector: "camera-1", createdBy: "operator",
            createdAt: Timestamp(milliseconds: 1_795_377_600_000), directory: "sessions/structure/20261122_tubulin",
            settings: settings)
        return SessionCreated(
            session: booking,
            microscope: MicroscopeDescription(id: scope, name: "Scope 1", vendor: .thermoFisher, voltage: 200),
            detector: DetectorDescription(
                id: "camera-1", name: "Camera 1", microscope: scope, width: 1024, height: 1024, pixelSize: 1.1),
            grids: [
                Grid(id: first, name: "wild type", slot: 3, holeType: "R1.2/1.3", meshMaterial: "Cu", recipe: "spa"),
                Grid(id: second, name: "mutant \"R2\" α", slot: 6, holeType: nil, meshMaterial: nil, recipe: "negative-stain"),
            ])
    }()

    func holder(session: SessionID = SampleRun.session) -> LockHolder {
        LockHolder(
            session: session, sessionName: session == Self.session ? "tubulin" : "ribosome", group: "structure",
            person: session == Self.session ? "operator" : "staff", host: "grid", pid: 4711 + epoch,
            bootID: "f6a1c1d2-0000-4000-8000-000000000001", processStart: 123_456, startedAt: now, epoch: epoch)
    }

    static func target(_ id: TargetID, _ place: Double, _ kind: TargetClass = .good) -> Target {
        var target = Target(
            id: id, point: PixelPoint(x: 100 + place, y: 200 - place), size: 40.5, stage: position(place), targetClass: kind,
            brightness: 0.75)
        if id.kind == .hole {
            target.thickness = 32.5
            target.groupCentre = TargetID(hole: 1, of: id.square)
        }
        return target
    }

    static func position(_ place: Double) -> StagePosition {
        StagePosition(x: .micrometres(place * 8), y: .micrometres(-place * 4), z: .micrometres(12.5))
    }

    func image(_ file: String, _ place: Double) -> MapImage {
        MapImage(
            file: "\(file).mrc", picture: "\(file).png", width: 1024, height: 1024, pixelSize: 512.5,
            centre: Self.position(place), takenAt: now)
    }

    func micrograph(_ number: Int, of hole: TargetID) -> Micrograph {
        let id = MicrographID(number, of: hole)
        return Micrograph(
            id: id, movie: "3_wild_type/movies/\(id).mrc", frames: 10, pixelSize: 1.1, dose: 40, stage: Self.position(2),
            imageShift: PlaneShift(x: .micrometres(0.5), y: .zero), targetDefocus: .micrometres(-1.5),
            measuredDefocus: .micrometres(-1.625), begunAt: now)
    }

    static func measurement(ctf: Bool) -> Measurement {
        var measurement = Measurement(
            average: "average.mrc", picture: "average.png", spectrum: "spectrum.png",
            shifts: [PixelPoint(x: 0, y: 0), PixelPoint(x: 0.25, y: -1.5)], totalMotion: 1.75,
            ctf: ctf
                ? CTFMeasurement(
                    defocusU: 16_500, defocusV: 16_000, angle: 42.5, fitResolution: 3.5, score: 0.25, profile: [0.5, 0.1],
                    curve: [0.25, 0.3], profileLimit: 0.25) : nil,
            reason: ctf ? nil : "No rings were found.", offset: .micrometres(0.125))
        measurement.earlyMotion = 1.25
        measurement.iceRing = 1.5
        measurement.warnings = [.iceRing]
        return measurement
    }
}

// The words of the story.
extension SampleRun {
    mutating func queue(by person: String? = nil, on grid: GridID = first, edit: (inout QueueChanged) -> Void) -> RunEvent {
        queueVersion += 1
        var change = QueueChanged(grid: grid, version: queueVersion, by: person)
        edit(&change)
        return .queueChanged(change)
    }

    /// Taking the next target leaves the version.
    func take(_ target: TargetID) -> RunEvent {
        var change = QueueChanged(grid: target.grid, version: queueVersion)
        change.taken = [target]
        return .queueChanged(change)
    }

    static func item(_ id: TargetID, skipped: Bool = false) -> QueueItem {
        QueueItem(id: id, isSkipped: skipped, exposures: id.kind == .hole ? 2 : 0, seconds: id.kind == .hole ? 90.5 : 60)
    }

    static func change(_ target: TargetID, _ status: TargetStatus, image: MapImage? = nil, problem: String? = nil) -> RunEvent {
        .targetChanged(TargetChanged(target: target, status: status, image: image, problem: problem))
    }

    /// The store gives the numbers in the same order: 1, 2, 3…
    mutating func start(forced: Bool = false) {
        epoch += 1
        add(.lockTaken(LockTaken(microscope: Self.scope, holder: holder())), after: 30)
        add(
            .runStarted(RunStarted(by: "operator", host: "grid", pid: 4711 + epoch, epoch: epoch, forced: forced)),
            command: CommandID(unchecked: "start-\(epoch)"), fenced: true)
        add(.runMoved(RunMoved(status: .running)), fenced: true)
    }

    mutating func free(_ reason: String) {
        add(.lockFreed(LockFreed(microscope: Self.scope, epoch: epoch, reason: reason)))
    }

    mutating func prompt(_ id: PromptID, _ kind: Prompt.Kind, queued: Int = 0, micrograph: MicrographID? = nil) -> Prompt {
        Prompt(
            id: id, kind: kind, grid: Self.first, micrograph: micrograph, queued: queued, last: false, nextGrid: Self.second,
            raisedAt: now)
    }

    /// Two cartridges of three, one without a name.
    static func cassette(third name: String) -> [CassetteSlot] {
        [
            CassetteSlot(slot: 1, state: .empty), CassetteSlot(slot: 3, state: .onStage, name: name),
            CassetteSlot(slot: 6, state: .occupied),
        ]
    }

    mutating func expose(_ number: Int, of hole: TargetID) {
        add(.exposureBegan(ExposureBegan(micrograph: micrograph(number, of: hole), of: 2, expectedSeconds: 4.5)), fenced: true)
        add(.exposureSaved(ExposureSaved(micrograph: MicrographID(number, of: hole), frames: 10, bytes: 20_971_520)), after: 4.5)
    }
}
