import Imaging
import RunModel

/// What is done with one movie: align its frames, sum them, measure the CTF. Runs where it is called, and takes seconds of a core.
public struct MovieWork: Sendable {
    /// Multiplied into every frame.
    public var gain: Image?
    /// Positions of pixels that are known to be bad.
    public var defects: [Int] = []
    /// Pixels of the movie along a side of one of the sums'.
    public var binning = 1
    /// Å of the movie's pixels.
    public var pixelSize: Double
    /// kV.
    public var voltage: Double
    /// mm.
    public var cs: Double
    public var amplitudeContrast = 0.07
    /// e/Å² in each frame; 0 where it is not known, and then there is no dose-weighted sum.
    public var dosePerFrame = 0.0
    /// Without it frames are summed as they lie.
    public var aligns = true
    /// Without it the rings are only drawn: another program fits them.
    public var fitsCTF = true
    /// Patches along a side for local motion; below 2 frames move as wholes.
    public var patches = 0

    public init(pixelSize: Double, voltage: Double, cs: Double) {
        self.pixelSize = pixelSize
        self.voltage = voltage
        self.cs = cs
    }

    /// What a movie gave, in memory.
    public struct Outcome: Sendable {
        /// Displacement of each frame's content against the first, pixels, y as stored; none where nothing was aligned.
        public var shifts: [PixelShift]
        public var average: Image
        public var doseWeighted: Image?
        /// Å.
        public var totalMotion: Double
        public var spectrum: PowerSpectrum
        public var ctf: CTFOutcome
        /// See `IceRing.ratio(of:)`.
        public var iceRing: Double?
        public var warnings: [ImageWarning]
        /// Å of the sums' pixels.
        public var pixelSize: Double
        /// The spectrum for a page; its left half shows the fit where there is one.
        public var spectrumPicture: Picture
    }

    /// Writes nothing: the result is in memory.
    public func carryOut(on movie: some FrameSource) throws(ImagingError) -> Outcome {
        guard aligns, movie.frameCount > 1 else {
            let still = Array(repeating: PixelShift.zero, count: movie.frameCount)
            return outcome(
                shifts: still, average: try FrameAlignment.sum(movie, gain: gain, binning: binning, defects: defects), motion: 0,
                binning: binning(of: movie))
        }
        let binning = binning(of: movie)
        let dose =
            dosePerFrame > 0
            ? DoseSettings(perFrame: dosePerFrame, voltage: voltage, pixelSize: pixelSize * Double(binning)) : nil
        let grid = patches > 1 ? PatchGrid(columns: patches, rows: patches) : nil
        var settings = AlignmentSettings(gain: gain, dose: dose, patches: grid)
        (settings.binning, settings.defects) = (binning, defects)
        let aligned = try FrameAlignment.align(movie, settings: settings)
        return outcome(
            shifts: aligned.shifts, average: aligned.average, doseWeighted: aligned.doseWeighted, motion: aligned.totalMotion,
            binning: binning)
    }

    /// One that is too small to be binned is not.
    private func binning(of movie: some FrameSource) -> Int { FrameAlignment.binning(of: movie, binning) }

    /// Looks at the rings of a sum. `motion`: pixels of the movie, `binning` of which make one of the sum.
    func outcome(
        shifts: [PixelShift], average: Image, doseWeighted: Image? = nil, motion: Double, binning: Int = 1
    ) -> Outcome {
        let (moviePixel, pixelSize) = (self.pixelSize, self.pixelSize * Double(binning))
        let spectrum = PowerSpectrum(of: average, pixelSize: pixelSize)
        let settings = CTFSettings(pixelSize: pixelSize, voltage: voltage, cs: cs, amplitudeContrast: amplitudeContrast)
        let ctf =
            fitsCTF
            ? CTFEstimate.measure(spectrum, of: average, settings: settings) : .noFit(reason: "The CTF is fitted elsewhere.")
        let iceRing = IceRing.ratio(of: spectrum)
        var warnings = CTFEstimate.warnings(of: ctf, iceRing: iceRing, settings: settings)
        if FrameMotion.isExcessive(motion * moviePixel) { warnings.append(.motion) }
        return Outcome(
            shifts: shifts, average: average, doseWeighted: doseWeighted, totalMotion: motion * moviePixel, spectrum: spectrum,
            ctf: ctf, iceRing: iceRing, warnings: warnings, pixelSize: pixelSize,
            spectrumPicture: spectrum.picture(model: ctf.result.map(settings.model)))
    }
}

extension CTFOutcome {
    /// The fit as events and pages have it; nil where there is none.
    public var measurement: CTFMeasurement? {
        guard let result else { return nil }
        return CTFMeasurement(
            defocusU: result.defocusU, defocusV: result.defocusV, angle: result.angle, fitResolution: result.fitResolution,
            score: result.score, profile: result.profile.evenly(\.measured), curve: result.profile.evenly(\.fitted),
            profileLimit: Double(result.profile.frequency.last ?? 0))
    }

    /// Why there is no fit; nil where there is one.
    public var reason: String? {
        if case .noFit(let reason) = self { reason } else { nil }
    }
}

extension CTFProfile {
    /// Points of a curve for a page, from frequency 0 on; where nothing was measured it begins with its first value.
    private static let points = 160

    func evenly(_ curve: KeyPath<CTFProfile, [Float]>) -> [Float] {
        let values = self[keyPath: curve]
        guard let first = frequency.first, let last = frequency.last, last > first, values.count == frequency.count else {
            return []
        }
        let step = (last - first) / Float(frequency.count - 1)
        return (0..<Self.points).map { point in
            let wanted = last * Float(point) / Float(Self.points - 1)
            let place = min(max(0, (wanted - first) / step), Float(values.count - 1))
            let low = min(Int(place), values.count - 1)
            let high = min(low + 1, values.count - 1)
            let value = values[low] + (values[high] - values[low]) * (place - Float(low))
            // Three decimals are more than a page can draw, and every event carries them.
            return (value * 1000).rounded() / 1000
        }
    }
}
