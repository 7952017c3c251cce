/// Whether what the camera hands over can be the specimen: two exposures in a row decide.
public struct BeamWatch: Hashable, Sendable {
    /// Why the images are doubted.
    public enum Suspicion: Hashable, Sendable {
        /// Counts of a pixel, and how many the beam would give.
        case dark(mean: Double, expected: Double)
        case repeated(CameraReading)
    }

    private var last: CameraReading?
    /// Set while the last exposure was dark.
    private var dark: Suspicion?

    public init() {}

    /// `dose`: e/Å², `pixelSize`: Å. A counting camera gives at least one count for each electron, so less than a twentieth of the beam is
    /// no ice, however thick: a valve, a shutter or a blank screen is in the way. One dark image may be a grid bar. No two images have
    /// the same noise, so counts that repeat to the last digit are one image, handed over twice.
    public mutating func note(_ reading: CameraReading, dose: Double, pixelSize: Double) -> Suspicion? {
        let expected = dose * pixelSize * pixelSize
        let isDark = reading.mean < 0.05 * expected
        if isDark, let dark { return begin(after: dark) }
        if reading == last { return begin(after: .repeated(reading)) }
        last = reading
        dark = isDark ? .dark(mean: reading.mean, expected: expected) : nil
        return nil
    }

    /// A place at which nothing could be seen: after a dark exposure it is the second sign.
    public mutating func noteUnseen() -> Suspicion? { dark.flatMap { begin(after: $0) } }

    /// Once somebody has looked, the watch begins anew.
    private mutating func begin(after suspicion: Suspicion) -> Suspicion {
        self = BeamWatch()
        return suspicion
    }
}

extension BeamWatch.Suspicion {
    /// What was seen.
    public var sentence: String {
        switch self {
        case .dark: "The images are dark."
        case .repeated: "The camera hands over the same image again."
        }
    }

    /// In numbers, and what to look at.
    public var detail: String {
        switch self {
        case .dark(let mean, let expected):
            "A pixel of the last exposures counts \(mean.tenths) electrons, the beam would give \(expected.tenths). Check that the beam reaches "
                + "the camera: valves, screen, shutter, apertures. Then continue."
        case .repeated(let reading):
            "Two exposures in a row have the same counts to the last digit, \(reading.mean.tenths) electrons per pixel. Check the camera and its "
                + "program. Then continue."
        }
    }
}

extension Double {
    /// With one decimal, without a formatter's locale.
    fileprivate var tenths: String {
        guard isFinite, magnitude < 1e12 else { return "\(self)" }
        let tenths = Int((self * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
