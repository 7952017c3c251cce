/// The makers whose columns differ in what a run may do.
public enum Vendor: String, Sendable, Codable, CaseIterable {
    case thermoFisher = "TFS"
    case jeol = "JEOL"
}

/// A microscope as the facility describes it. The link to it lives in the Microscope target.
public struct MicroscopeDescription: Hashable, Sendable, Codable {
    public var id: MicroscopeID
    public var name: String
    public var vendor: Vendor
    /// kV.
    public var voltage: Double
    /// Spherical aberration, mm.
    public var cs: Double
    /// Places in the autoloader.
    public var slots: Int

    public init(id: MicroscopeID, name: String, vendor: Vendor, voltage: Double, cs: Double = 2.7, slots: Int = 12) {
        self.id = id
        self.name = name
        self.vendor = vendor
        self.voltage = voltage
        self.cs = cs
        self.slots = slots
    }
}

/// A camera on one microscope.
public struct DetectorDescription: Hashable, Sendable, Codable {
    public var id: DetectorID
    public var name: String
    public var microscope: MicroscopeID
    /// Pixels.
    public var width: Int
    public var height: Int
    /// Å at the Record magnification.
    public var pixelSize: Double
    /// Where the camera's frames arrive; nil when they are written straight into the session's directory.
    public var framesDirectory: String?
    /// Multiplied into every frame; nil for a camera whose frames are corrected already.
    public var gain: GainFile?
    /// SerialEM's file of its bad rows, columns and pixels.
    public var defects: String?
    /// Pixels of its movies along a side of one of the averages' that are kept; nil for 1.
    public var binning: Int?

    public init(
        id: DetectorID, name: String, microscope: MicroscopeID, width: Int, height: Int, pixelSize: Double,
        framesDirectory: String? = nil, gain: GainFile? = nil, defects: String? = nil, binning: Int? = nil
    ) {
        self.defects = defects
        self.binning = binning
        self.id = id
        self.name = name
        self.microscope = microscope
        self.width = width
        self.height = height
        self.pixelSize = pixelSize
        self.framesDirectory = framesDirectory
        self.gain = gain
    }
}

/// A gain reference, and how it lies against the frames; both numbers as RELION and MotionCor2 count them.
public struct GainFile: Hashable, Sendable, Codable {
    public var file: String
    /// Quarter turns, 0 to 3, before the flip: counter-clockwise where row 0 is at the bottom.
    public var rotation: Int
    /// 0: none, 1: upside down, 2: left to right.
    public var flip: Int

    public init(file: String, rotation: Int = 0, flip: Int = 0) {
        self.file = file
        self.rotation = rotation
        self.flip = flip
    }
}
