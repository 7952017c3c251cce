import RunModel

/// What a run asks of a microscope: one command at a time, each answered when it has finished.
///
/// A command is cancelled by cancelling its task; the link then closes within 100 ms, and what the column was doing goes on to its end.
/// Nothing here retries: a command that was sent and not answered is settled by asking, never by sending it again.
public protocol Microscope: Sendable {
    // Link

    /// Opens the link and completes one harmless command, which pushes an older connection out. Refused with `.claimed` where the terms do
    /// not allow to enter; then the link is closed again.
    func connect(_ terms: LinkTerms) async throws(MicroscopeError)
    /// Who says that the microscope is theirs.
    func readClaim() async throws(MicroscopeError) -> ClaimReading
    /// Says so for so many seconds of this computer's, in place of what stood there. False where the microscope cannot keep it.
    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool
    /// Nobody says so any more.
    func clearClaim() async throws(MicroscopeError)
    /// For whom cartridges are loaded from now on, also over later connections. What one session loaded is no other's.
    func serve(_ session: SessionID)
    /// Closes the link properly. Does nothing when it is closed.
    func disconnect() async
    /// What it has not answered for longer than usual; nil where all is well.
    var silence: MicroscopeSilence? { get }
    /// How long what leaves the column safe may take.
    var leaveDeadlines: LeaveDeadlines { get }

    // Loader

    /// What the loader has in its slots, in their order.
    func slots() async throws(MicroscopeError) -> [SlotReport]
    /// The slot whose cartridge is on the stage; nil for none.
    func loadedSlot() async throws(MicroscopeError) -> Int?
    /// A person says that this slot's cartridge is on the stage, where `slots` could not tell.
    func noteLoaded(slot: Int) async throws(MicroscopeError)
    /// What is remembered of the stage is in doubt, and not to be believed any more.
    func forgetLoaded() async throws(MicroscopeError)
    /// Brings the cartridge of a slot onto the stage, unloading another first. Takes minutes on a real column.
    func load(slot: Int) async throws(MicroscopeError)

    // Column

    func columnState() async throws(MicroscopeError) -> ColumnState
    func setValves(open: Bool) async throws(MicroscopeError)
    /// Brings the column to what a level needs: apertures, slit, imaging state; carries out upkeep that is due (hardware dark
    /// reference, zero-loss, a cold FEG's flash). Cheap when nothing has to change.
    func prepare(for level: ImagingLevel) async throws(MicroscopeError)
    func stagePosition() async throws(MicroscopeError) -> StagePosition
    func moveStage(to position: StagePosition) async throws(MicroscopeError)
    /// Degrees. The eucentric height keeps the target in view.
    func tilt(to angle: Double) async throws(MicroscopeError)
    /// From the aligned position, in the specimen plane; zero resets. Refused beyond the column's limit.
    func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError)

    // Acquisition

    /// Takes the montage of the whole grid into `file` (MRC, joined).
    func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage
    /// Takes one image in a low dose area into `file` (MRC).
    func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage
    /// Takes a low-mag look at where a mapped feature should be and moves onto it.
    func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment
    /// Brings the specimen to the eucentric height and reports it, µm.
    func findEucentricHeight() async throws(MicroscopeError) -> Length
    /// Measures in the Focus area and corrects to the target; returns what a last measurement read. Negative is under focus.
    func autofocus(target: Length) async throws(MicroscopeError) -> Length
    /// Changes the defocus without measuring it. Negative goes further under focus.
    func changeFocus(by change: Length) async throws(MicroscopeError)
    /// Å/s.
    func measureDrift() async throws(MicroscopeError) -> Double
    /// One Record exposure with its frames saved.
    func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport
    /// What the microscope itself knows of an exposure that was asked for, by its name and file. A finished movie that lies elsewhere may
    /// be brought into its place meanwhile, so the disk is looked at afterwards.
    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence
}

extension Microscope {
    /// Without a look at whose the microscope is.
    public func connect(greeting: String) async throws(MicroscopeError) { try await connect(LinkTerms(greeting: greeting)) }
    public var leaveDeadlines: LeaveDeadlines { LeaveDeadlines() }
    /// Nil, for one that always answers in its time.
    public var silence: MicroscopeSilence? { nil }
    /// Nothing, for one that always knows what is on its stage.
    public func serve(_ session: SessionID) {}
    /// Nothing likewise.
    public func noteLoaded(slot: Int) async throws(MicroscopeError) {}
    /// Nothing likewise.
    public func forgetLoaded() async throws(MicroscopeError) {}
}

/// How long a microscope may take, by its own deadlines, for what leaves a column safe. Whoever gives up earlier leaves a beam on.
public struct LeaveDeadlines: Hashable, Sendable {
    /// To open the link anew while the program may be finishing another command.
    public var connect: Duration
    /// To close the valves.
    public var valves: Duration
    /// To level the stage.
    public var level: Duration
    public init(connect: Duration = .seconds(8), valves: Duration = .seconds(8), level: Duration = .seconds(8)) {
        self.connect = connect
        self.valves = valves
        self.level = level
    }
}

/// What the loader says about a slot.
public struct SlotReport: Hashable, Sendable {
    public enum State: String, Sendable {
        case empty, occupied, onStage
        /// The loader has not looked into it: only loading can tell.
        case untold
        /// It reads empty, and its cartridge went to the stage for this session, over an earlier connection.
        case remembered
        /// The same for another session, of whose cassette nothing is known.
        case hinted
        /// It reads empty, and nobody knows what is on the stage: its cartridge may be there.
        case unclear
    }
    public let slot: Int
    public let state: State
    /// The cartridge's name, where the loader knows one.
    public let name: String?
    public init(slot: Int, state: State, name: String? = nil) {
        self.slot = slot
        self.state = state
        self.name = name
    }
}

/// Whether the column can be used now.
public struct ColumnState: Hashable, Sendable {
    public var valvesOpen: Bool
    /// Pumps running: imaging waits.
    public var isPumping: Bool
    /// Liquid nitrogen is being filled: imaging waits. Seconds left, where known.
    public var isFillingNitrogen: Bool
    public var fillSecondsLeft: Double?
    public init(valvesOpen: Bool, isPumping: Bool, isFillingNitrogen: Bool, fillSecondsLeft: Double? = nil) {
        self.valvesOpen = valvesOpen
        self.isPumping = isPumping
        self.isFillingNitrogen = isFillingNitrogen
        self.fillSecondsLeft = fillSecondsLeft
    }
}

/// A square or hole as it was mapped: what a realignment looks for.
public struct MappedFeature: Hashable, Sendable {
    public enum Kind: String, Sendable { case square, hole }
    public let kind: Kind
    public let position: StagePosition
    /// A square's side or a hole's diameter.
    public let size: Length
    public init(kind: Kind, position: StagePosition, size: Length) {
        self.kind = kind
        self.position = position
        self.size = size
    }
}

/// What a realignment found.
public struct Alignment: Hashable, Sendable {
    /// How far off the feature was before it was brought to the centre.
    public let shift: PlaneShift
    /// 0 to 1: the height of the correlation's peak.
    public let correlation: Double
    /// Where the stage stands with the feature centred.
    public let position: StagePosition
    public init(shift: PlaneShift, correlation: Double, position: StagePosition) {
        self.shift = shift
        self.correlation = correlation
        self.position = position
    }
}

/// One Record exposure.
public struct ExposureRequest: Hashable, Sendable {
    /// Unique for ever: the microscope is asked for it by this name after a crash.
    public let name: String
    /// Movie file, absolute; a camera that saves another kind gives it another ending.
    public let file: String
    public let frames: Int
    /// Seconds.
    public let exposureTime: Double
    /// e/Å².
    public let dose: Double
    public init(name: String, file: String, frames: Int, exposureTime: Double, dose: Double) {
        self.name = name
        self.file = file
        self.frames = frames
        self.exposureTime = exposureTime
        self.dose = dose
    }
}

/// A finished exposure.
public struct ExposureReport: Hashable, Sendable {
    public let frames: Int
    /// Bytes of the movie.
    public let bytes: Int
    /// Nil where the microscope program tells nothing of it, as when it is asked afterwards.
    public let reading: CameraReading?
    /// Where the movie is; nil where it was asked for.
    public let file: String?
    /// Sentences for the log: what went wrong about the movie that did not cost it.
    public let remarks: [String]
    public init(frames: Int, bytes: Int, reading: CameraReading? = nil, file: String? = nil, remarks: [String] = []) {
        self.file = file
        self.remarks = remarks
        self.frames = frames
        self.bytes = bytes
        self.reading = reading
    }
}

/// What can be known afterwards about an exposure that was asked for.
public enum ExposureEvidence: Hashable, Sendable {
    /// Taken, and the movie is whole.
    case saved(ExposureReport)
    /// The shutter never opened for it.
    case notTaken
    /// It may have been exposed: begun without a whole movie, or the microscope has forgotten.
    case cannotTell

    /// How many frames the camera says that it saved: its own settings may make other numbers than a session asks for.
    public var frames: Int? {
        if case .saved(let report) = self { report.frames } else { nil }
    }

    /// Sentences for the log.
    public var remarks: [String] {
        if case .saved(let report) = self { report.remarks } else { [] }
    }
}
