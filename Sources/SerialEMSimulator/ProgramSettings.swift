/// Which SerialEM is simulated, and how it is set up.
public struct ProgramSettings: Hashable, Sendable {
    public var version = SerialEMVersion.v4_3
    /// Whether it reaches a Thermo Fisher column through UTAPI, its property `UseUtapiScripting`.
    public var hasUTAPI = true
    /// Whether the autoloader of a Thermo Fisher column has looked into its slots: before, it tells nothing of them.
    public var knowsSlots = true
    /// The stage counts x the other way than the specimen's axis goes, its property `InvertStageXAxis`.
    public var invertsStageXAxis = false
    /// Whether somebody has calibrated the stage against the camera.
    public var hasStageCalibration = true
    /// How much of a shift along the stage's axes is made: not all where the calibration of the stage is of another lens.
    public var stageShiftScale = 1.0
    /// An older build reports image shifts in units of the coils and in pixels alone.
    public var reportsShiftOnStage = true
    /// Puts what goes wrong into boxes on its screen as long as a client has not asked for answers instead, as SerialEM does.
    public var putsProblemsIntoBoxes = false

    public var isNavigatorOpen = true
    public var boxes = Boxes.refuse

    /// What somebody at the screen answers to a box.
    public enum Boxes: String, Sendable, CaseIterable {
        /// Yes, OK, and what the box offers.
        case yes
        /// No, and OK where there is nothing else.
        case no
        /// Nobody is there, and the command ends with an error.
        case refuse
    }

    public init() {}
}

/// A version of SerialEM. Commands are counted, and each version's list is longer than the one before.
public enum SerialEMVersion: String, Sendable, CaseIterable {
    case v4_1 = "4.1"
    case v4_2 = "4.2"
    case v4_3 = "4.3"

    /// As SerialEM writes it in comparisons.
    var number: Int {
        switch self {
        case .v4_1: 40_100
        case .v4_2: 40_200
        case .v4_3: 40_300
        }
    }

    /// The last command of its list. That of 4.1 is known from a module built for it, that of 4.2 only to end before `ReportLoadedSlot`.
    private var lastCode: Int32 {
        switch self {
        case .v4_1: 704
        case .v4_2: 834
        case .v4_3: .max
        }
    }

    func has(_ code: Int32) -> Bool { code <= lastCode }
}
