import RunModel

/// How a microscope is reached through SerialEM, and what its facility wants done to it.
public struct SerialEMSettings: Hashable, Sendable {
    public var address: SerialEMAddress
    /// Folders that both computers reach: atlases and frames go through them.
    public var folders: [SharedFolder] = []
    /// Where the camera's frames go, where that is not a shared folder's place for the session's own movies.
    public var framesFolder: SharedFolder?
    public var levels: [ImagingLevel: LevelSettings] = [:]
    public var upkeep = UpkeepSettings()
    /// How far the stage goes from its middle along x and y.
    public var stageReach: Length = .micrometres(990)
    /// How far an image is shifted at the most.
    public var imageShiftLimit: Length = .micrometres(15)

    public init(address: SerialEMAddress) { self.address = address }

    /// What applies at a level: the atlas is taken outside low dose, everything else within, unless the facility says otherwise.
    public func level(_ level: ImagingLevel) -> LevelSettings { levels[level] ?? LevelSettings(lowDose: level != .atlas) }

    var paths: PathMap { PathMap(folders) }
}

/// What the column needs at one level. What is left out stays as it is.
public struct LevelSettings: Hashable, Sendable {
    public var lowDose: Bool
    /// An imaging state of SerialEM, by name or number.
    public var imagingState: String?
    /// Nominal magnification; of the present area in low dose.
    public var magnification: Double?
    /// Of the objective, µm; 0 takes it out.
    public var objectiveAperture: Double?
    /// Of the second condenser, µm.
    public var condenserAperture: Double?
    public var slitIn: Bool?

    public init(
        lowDose: Bool, imagingState: String? = nil, magnification: Double? = nil, objectiveAperture: Double? = nil,
        condenserAperture: Double? = nil, slitIn: Bool? = nil
    ) {
        self.lowDose = lowDose
        self.imagingState = imagingState
        self.magnification = magnification
        self.objectiveAperture = objectiveAperture
        self.condenserAperture = condenserAperture
        self.slitIn = slitIn
    }
}

/// What is done again after a while; nil for never. SerialEM itself knows when it was done last.
public struct UpkeepSettings: Hashable, Sendable {
    /// Hours between hardware dark references.
    public var hardwareDark: Double?
    /// Minutes between alignments of the zero-loss peak.
    public var zeroLoss: Double?
    /// Hours between flashes of a cold FEG.
    public var flash: Double?

    public init(hardwareDark: Double? = nil, zeroLoss: Double? = nil, flash: Double? = nil) {
        self.hardwareDark = hardwareDark
        self.zeroLoss = zeroLoss
        self.flash = flash
    }
}
