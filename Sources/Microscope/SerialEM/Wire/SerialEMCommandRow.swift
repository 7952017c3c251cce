/// What is to be known of a command besides its name.
public struct SerialEMCommandRow: Sendable {
    /// One letter an argument: `I` and `i` whole numbers, `D` and `d` real ones, `S` and `s` texts; small ones may be left out.
    public let keys: String
    /// Seconds that it usually takes on a real microscope.
    public let usual: Double
    /// Whether it moves, exposes, loads or opens something: only the microscope's holder may.
    public let acts: Bool
    /// Whether doing it twice is as good as doing it once.
    public let mayBeRepeated: Bool

    fileprivate init(_ keys: String, _ usual: Double, again: Bool = false, acts: Bool = false) {
        self.keys = keys
        self.usual = usual
        self.acts = acts
        mayBeRepeated = again
    }

    /// Seconds after which a real microscope has answered, or never will.
    public var deadline: Double { Self.deadline(of: usual) }

    /// Three times as long as usual is no slow day any more; a program that does something else for a moment has twenty seconds.
    static func deadline(of usual: Double) -> Double { max(20, 3 * usual) }

    /// How many arguments it cannot do without.
    public var needed: Int { keys.prefix { $0.isUppercase }.count }
}

extension SerialEMCommand {
    public var row: SerialEMCommandRow {
        // Every case has its row, which SerialEMCommandTests hold.
        Self.rows[self] ?? SerialEMCommandRow("", 20)
    }

    static let rows: [SerialEMCommand: SerialEMCommandRow] = [
        .setVariable: .init("SS", 2, again: true),
        .setPersistentVar: .init("SS", 2, again: true),
        .getVariable: .init("S", 2, again: true),
        .exit: .init("ds", 2),
        .call: .init("S", 2400, acts: true),
        .callFunction: .init("Ssddddddddddddddddd", 2400, acts: true),
        .noMessageBoxOnError: .init("i", 2, again: true),
        .clearPersistentVars: .init("", 2),
        .tiltTo: .init("Didd", 60, again: true, acts: true),
        .tiltBy: .init("Didd", 60, acts: true),
        .view: .init("", 15, acts: true),
        .focus: .init("", 15, acts: true),
        .trial: .init("", 15, acts: true),
        .record: .init("", 15, acts: true),
        .preview: .init("", 15, acts: true),
        .search: .init("", 15, acts: true),
        .montage: .init("", 600, acts: true),
        .earlyReturnNextShot: .init("Iii", 2),
        .autoAlign: .init("", 10, acts: true),
        .alignTo: .init("Siiiidddi", 10, acts: true),
        .autoFocus: .init("ii", 30, acts: true),
        .save: .init("si", 15),
        .readOtherFile: .init("ISS", 15),
        .openNewFile: .init("S", 10),
        .openNewMontage: .init("IIS", 10),
        .closeFile: .init("s", 15),
        .reportCurrentFilename: .init("i", 2, again: true),
        .reportLastFrameFile: .init("", 2, again: true),
        .reportFrameBaseName: .init("", 2, again: true),
        .allowFileOverwrite: .init("I", 2, again: true),
        .setDirectory: .init("S", 2, again: true),
        .makeDirectory: .init("S", 2, again: true),
        .reportDirectory: .init("", 2, again: true),
        .doesFileExist: .init("S", 2, again: true),
        .addToAutodoc: .init("SS", 2),
        .writeAutodoc: .init("", 2, again: true),
        .reportUserSetting: .init("S", 2, again: true),
        .reportProperty: .init("S", 2, again: true),
        .copy: .init("SS", 2),
        .changeFocus: .init("D", 2, acts: true),
        .setDefocus: .init("D", 2, again: true, acts: true),
        .setTargetDefocus: .init("D", 2, again: true),
        .setMag: .init("Di", 10, again: true, acts: true),
        .setMagIndex: .init("I", 10, again: true, acts: true),
        .setSpotSize: .init("I", 2, again: true, acts: true),
        .delay: .init("Ds", 2400),
        .screenUp: .init("", 10, again: true, acts: true),
        .screenDown: .init("", 10, again: true, acts: true),
        .reportScreen: .init("", 2, again: true),
        .reportScreenCurrent: .init("", 2, again: true),
        .imageShiftByPixels: .init("DDdi", 2, acts: true),
        .imageShiftByMicrons: .init("DDdi", 2, acts: true),
        .imageShiftByStageDiff: .init("DDdi", 2, acts: true),
        .reportAutoFocus: .init("", 2, again: true),
        .reportTargetDefocus: .init("", 2, again: true),
        .setBeamTilt: .init("DD", 2, again: true, acts: true),
        .reportBeamTilt: .init("", 2, again: true),
        .setImageShift: .init("DDdi", 2, again: true, acts: true),
        .reportImageShift: .init("", 2, again: true),
        .reportSpecimenShift: .init("", 2, again: true),
        .reportAlignShift: .init("", 2, again: true),
        .cameraToStageMatrix: .init("I", 2, again: true),
        .cameraToSpecimenMatrix: .init("I", 2, again: true),
        .reportTickTime: .init("", 2, again: true),
        .reportDateTime: .init("", 2, again: true),
        .moveStage: .init("DDd", 15, acts: true),
        .moveStageTo: .init("DDd", 15, again: true, acts: true),
        .stageShiftByPixels: .init("DD", 15, acts: true),
        .reportStageXYZ: .init("", 2, again: true),
        .reportTiltAngle: .init("", 2, again: true),
        .reportStageBusy: .init("", 2, again: true),
        .reportMag: .init("", 2, again: true),
        .reportMagIndex: .init("", 2, again: true),
        .reportDefocus: .init("", 2, again: true),
        .reportPercentC2: .init("", 2, again: true),
        .reportSpotSize: .init("", 2, again: true),
        .reportEnergyFilter: .init("", 2, again: true),
        .removeAperture: .init("I", 20, acts: true),
        .reInsertAperture: .init("I", 20, acts: true),
        .reportMeanCounts: .init("si", 2, again: true),
        .reportFileZsize: .init("", 2, again: true),
        .cropCenterToSize: .init("SII", 2),
        .imageProperties: .init("s", 2, again: true),
        .echo: .init("s", 2),
        .isVersionAtLeast: .init("Ss", 2, again: true),
        .pause: .init("s", 2400),
        .yesNoBox: .init("S", 2400),
        .oKBox: .init("S", 2400),
        .resetImageShift: .init("id", 5, acts: true),
        .eucentricity: .init("ii", 120, acts: true),
        .driftWaitTask: .init("dsddisiii", 300, acts: true),
        .autoCenterBeam: .init("di", 30, acts: true),
        .setPercentC2: .init("D", 2, again: true, acts: true),
        .normalizeLenses: .init("I", 10, acts: true),
        .normalizeAllLenses: .init("i", 10, acts: true),
        .reportSlotStatus: .init("I", 2, again: true),
        .loadCartridge: .init("I", 240, acts: true),
        .unloadCartridge: .init("", 120, acts: true),
        .refrigerantLevel: .init("I", 2, again: true),
        .dewarsRemainingTime: .init("", 2, again: true),
        .areDewarsFilling: .init("", 2, again: true),
        .reportHighVoltage: .init("", 2, again: true),
        .setSlitWidth: .init("D", 2, again: true, acts: true),
        .setEnergyLoss: .init("D", 2, again: true, acts: true),
        .setSlitIn: .init("i", 10, again: true, acts: true),
        .refineZLP: .init("diii", 120, acts: true),
        .setExposure: .init("SDd", 2, again: true),
        .setBinning: .init("SD", 2, again: true),
        .setDoseFracParams: .init("SIiiii", 2, again: true),
        .restoreCameraSet: .init("s", 2),
        .keepCameraSetChanges: .init("s", 2),
        .setFolderForFrames: .init("S", 2, again: true),
        .reportNumFramesSaved: .init("", 2, again: true),
        .cameraProperties: .init("ii", 2, again: true),
        .reportColumnOrGunValve: .init("", 2, again: true),
        .setColumnOrGunValve: .init("I", 10, again: true, acts: true),
        .isPVPRunning: .init("", 2, again: true),
        .setBeamBlank: .init("I", 2, again: true, acts: true),
        .reportIfNavOpen: .init("", 2, again: true),
        .openNavigator: .init("s", 2, again: true),
        .setMontageParams: .init("Iiiiiidd", 2),
        .goToLowDoseArea: .init("S", 10, again: true, acts: true),
        .setLowDoseMode: .init("I", 10, again: true, acts: true),
        .setAxisPosition: .init("SDdi", 2, again: true, acts: true),
        .reportAxisPosition: .init("S", 2, again: true),
        .reportLowDose: .init("", 2, again: true),
        .updateLowDoseParams: .init("Si", 2),
        .updateHWDarkRef: .init("D", 600, acts: true),
        .longOperation: .init("Sssssssssssssssssss", 2400, acts: true),
        .runInShell: .init("S", 200, acts: true),
        .saveBeamTilt: .init("", 2),
        .restoreBeamTilt: .init("", 2, acts: true),
        .manageDewarsAndPumps: .init("i", 2400, acts: true),
        .reportExposure: .init("S", 2, again: true),
        .reportBinning: .init("S", 2, again: true),
        .reportCurrentPixelSize: .init("S", 2, again: true),
        .setFrameBaseName: .init("IIIS", 2, again: true),
        .reportCameraName: .init("I", 2, again: true),
        .goToImagingState: .init("S", 20, again: true, acts: true),
        .setupFullMontage: .init("DS", 20),
        .reportApertureSize: .init("I", 2, again: true),
        .setApertureSize: .init("II", 20, again: true, acts: true),
        .reportMetadataString: .init("SS", 2, again: true),
        .stageToBufImageMatrix: .init("SI", 2, again: true),
        .bufImageToStageMatrix: .init("SI", 2, again: true),
        .bufImagePosToStagePos: .init("SIDD", 2, again: true),
        .reportFreeDiskSpace: .init("S", 2, again: true),
        .reportMaxImageShift: .init("I", 2, again: true),
        .isImageFileOpen: .init("S", 2, again: true),
        .imagingStateProperties: .init("S", 2, again: true),
        .reportLongOperations: .init("", 2, again: true),
        .reportLoadedSlot: .init("", 2, again: true),
    ]
}
