"""A screening session told in SerialEM's commands, by chapters that each begin with a fresh column.

A step is a command and its arguments; one that is a function makes its argument from what the client tells.
"""


def mag(client):
    return client.ReportMag()[0]


def spot(client):
    return int(client.ReportSpotSize())


def here(client):
    return client.ReportDirectory()


def frames_folder(client):
    return "X:\\frames"


BEGIN = [
    ("Echo", "A session begins"),
    ("SetColumnOrGunValve", 1),
    ("LoadCartridge", 1),
    ("SetLowDoseMode", 1),
]

CHAPTERS = {
    "loading": [
        ("Echo", "A session begins"), ("ClearPersistentVars",), ("NoMessageBoxOnError", 1), ("IsVersionAtLeast", "40000"),
        ("ReportProperty", "JeolHasExtraApertures"), ("AreDewarsFilling",), ("DewarsRemainingTime",), ("RefrigerantLevel", 1),
        ("IsPVPRunning",), ("ReportHighVoltage",), ("ReportDateTime",), ("ReportTickTime",), ("ReportCameraName", 1), ("CameraProperties",),
        *[("ReportSlotStatus", slot) for slot in range(1, 13)],
        ("SetColumnOrGunValve", 0), ("LoadCartridge", 1), ("ReportLoadedSlot",), ("ReportSlotStatus", 1),
        ("SetColumnOrGunValve", 1), ("ReportColumnOrGunValve",), ("SetVariable", "grid", "one"), ("GetVariable", "grid"),
        ("SetPersistentVar", "slot", "1"),
        ("UnloadCartridge",), ("ReportLoadedSlot",), ("Exit", 1),
    ],
    "optics": [
        *BEGIN,
        ("ReportMag",), ("SetMag", mag), ("ReportMagIndex",), ("SetSpotSize", spot), ("ReportSpotSize",), ("SetPercentC2", 50.0),
        ("ReportPercentC2",), ("ReportDefocus",), ("SetDefocus", -1.0), ("ChangeFocus", 0.5), ("SetTargetDefocus", -1.5),
        ("ReportTargetDefocus",), ("SetSlitIn", 1), ("SetSlitWidth", 20.0), ("RefineZLP", 30.0), ("ReportEnergyFilter",),
        ("SetSlitIn", 0), ("ReportApertureSize", 2), ("SetApertureSize", 2, 100), ("ReportApertureSize", 2),
        ("RemoveAperture", 2), ("ReInsertAperture", 2), ("SaveBeamTilt",), ("SetBeamTilt", 0.1, 0.0), ("ReportBeamTilt",),
        ("RestoreBeamTilt",), ("CameraToSpecimenMatrix", 0), ("ReportScreen",), ("ScreenUp",), ("SetBeamBlank", 0),
        ("GoToImagingState", "Atlas"), ("Exit", 1),
    ],
    "stage": [
        *BEGIN,
        ("MoveStageTo", 10.0, -5.0), ("ReportStageXYZ",), ("MoveStage", 1.0, 1.0, 0.5), ("ReportStageBusy",), ("TiltTo", 10.0),
        ("TiltBy", -10.0), ("ReportTiltAngle",), ("GoToLowDoseArea", "Record"), ("ImageShiftByPixels", 100.0, -100.0),
        ("ImageShiftByMicrons", 0.1, 0.1), ("ImageShiftByStageDiff", 0.1, 0.1), ("ReportImageShift",), ("ReportSpecimenShift",),
        ("SetImageShift", 0.0, 0.0),
        ("ReportMaxImageShift", 0), ("ResetImageShift",), ("Delay", 1.0, "sec"), ("Exit", 1),
    ],
    "squares": [
        *BEGIN,
        ("MakeDirectory", "squares"), ("AllowFileOverwrite", 1), ("OpenNewFile", "square.mrc"), ("GoToLowDoseArea", "Search"),
        ("Search",), ("ImageProperties", "A"), ("ReportMeanCounts", "A"), ("Save",), ("AddToAutodoc", "Square", "1"),
        ("WriteAutodoc",), ("ReportCurrentFilename",), ("ReportFileZsize",), ("IsImageFileOpen", "square.mrc"), ("CloseFile",),
        ("DoesFileExist", "square.mrc"), ("ReadOtherFile", 0, "P", "square.mrc"), ("CropCenterToSize", "P", 128, 128),
        ("SetDirectory", here), ("ReportDirectory",), ("OpenNavigator",), ("ReportIfNavOpen",), ("Search",),
        ("BufImageToStageMatrix", "A", 0), ("StageToBufImageMatrix", "A", 0), ("BufImagePosToStagePos", "A", 0, 10.0, 10.0),
        ("ReportFreeDiskSpace", here), ("Exit", 1),
    ],
    "montage": [
        *BEGIN,
        ("AllowFileOverwrite", 1), ("OpenNewMontage", 2, 2, "atlas.mrc"), ("SetMontageParams", 1), ("Montage",),
        ("ImageProperties", "B"), ("ReportFileZsize",), ("CloseFile",), ("Exit", 1),
    ],
    "holes": [
        *BEGIN,
        ("GoToLowDoseArea", "View"), ("ReportLowDose",), ("View",), ("Copy", "A", "P"), ("View",), ("AlignTo", "P", 1),
        ("ReportAlignShift",), ("SetAxisPosition", "F", 2.0), ("ReportAxisPosition", "F"), ("Eucentricity", 1),
        ("AutoFocus", 1), ("ReportAutoFocus",), ("DriftWaitTask", 10.0, "A", 60.0, 5.0), ("UpdateHWDarkRef", 10.0),
        ("LongOperation", "Da", "10"), ("LongOperation", "RS", "0"), ("ReportLongOperations",), ("Exit", 1),
    ],
    "exposures": [
        *BEGIN,
        ("SetFolderForFrames", frames_folder), ("SetFrameBaseName", 1, 1, 0, "exposure-1"), ("ReportFrameBaseName",),
        ("SetDoseFracParams", "R", 1, 1, 0), ("SetExposure", "R", 2.0), ("SetBinning", "R", 1.0), ("KeepCameraSetChanges", "R"),
        ("ReportExposure", "R"), ("ReportBinning", "R"), ("ReportCurrentPixelSize", "R"), ("Preview",), ("Record",),
        ("ReportLastFrameFile",), ("ReportNumFramesSaved",), ("EarlyReturnNextShot", 0), ("Record",), ("RestoreCameraSet", "R"),
        ("Exit", 1),
    ],
}

# Scripts and programs of the facility: no simulated microscope has them.
ABSENT = {"Call", "CallFunction", "RunInShell"}


def told():
    """The name of every command in the story."""
    return {step[0] for chapter in CHAPTERS.values() for step in chapter}
