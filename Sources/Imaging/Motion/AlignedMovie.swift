/// Where content sits in one image against another, in pixels; y as stored.
public struct PixelShift: Sendable, Equatable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    public static let zero = PixelShift(x: 0, y: 0)
    public static func + (a: Self, b: Self) -> Self { Self(x: a.x + b.x, y: a.y + b.y) }
    public static func - (a: Self, b: Self) -> Self { Self(x: a.x - b.x, y: a.y - b.y) }
    func scaled(by factor: Double) -> Self { Self(x: x * factor, y: y * factor) }
    public var length: Double { (x * x + y * y).squareRoot() }
}

/// How a movie is to be aligned and summed.
public struct AlignmentSettings: Sendable {
    /// Multiplied into every frame before anything else.
    public var gain: Image?
    /// Content is not looked for further away than this, in pixels of the movie.
    public var farthest = 40.0
    /// For the dose-weighted sum; without it there is none.
    public var dose: DoseSettings?
    /// Follows the motion of so many parts of the field by themselves; without it the frames move as wholes.
    public var patches: PatchGrid?
    /// Pixels of the movie along a side of one of the sums', which are cropped in Fourier space.
    public var binning = 1
    /// Positions of pixels that are known to be bad.
    public var defects: [Int] = []

    public init(gain: Image? = nil, dose: DoseSettings? = nil, patches: PatchGrid? = nil) {
        self.gain = gain
        self.dose = dose
        self.patches = patches
    }
}

/// Patches side by side and above each other.
public struct PatchGrid: Sendable, Equatable {
    public var columns: Int
    public var rows: Int

    /// At least 2 and at most 12 each way.
    public init(columns: Int = 5, rows: Int = 5) {
        self.columns = min(max(columns, 2), 12)
        self.rows = min(max(rows, 2), 12)
    }
}

/// What a movie became.
public struct AlignedMovie: Sendable {
    /// Displacement of the content in each frame against the first, pixels of the movie.
    public var shifts: [PixelShift]
    /// Plain sum of the aligned frames: for the CTF.
    public var average: Image
    /// Sum with high frequencies of late frames damped: for looking at.
    public var doseWeighted: Image?
    /// Hot and dead pixels that were replaced in every frame.
    public var defects: Int
    /// How parts of the field moved against the whole, where that was asked for.
    public var local: LocalMotion?
    /// Length of the path in pixels.
    public var totalMotion: Double { zip(shifts, shifts.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0).length } }
}
