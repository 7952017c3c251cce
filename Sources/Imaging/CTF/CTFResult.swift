import Glibc

/// What a CTF fit must be told, and how far it looks.
public struct CTFSettings: Sendable, Equatable {
    /// Å of the image's pixels.
    public var pixelSize: Double
    /// kV.
    public var voltage: Double
    /// mm.
    public var cs: Double
    public var amplitudeContrast: Double
    /// Radians; 0 without a phase plate.
    public var phaseShift = 0.0
    /// Å, the coarsest and the finest detail that is fitted.
    public var coarsest = 30.0
    public var finest = 4.0
    /// Å under focus.
    public var defocus = 3_000.0...60_000.0

    public init(pixelSize: Double, voltage: Double = 300, cs: Double = 2.7, amplitudeContrast: Double = 0.07) {
        self.pixelSize = pixelSize
        self.voltage = voltage
        self.cs = cs
        self.amplitudeContrast = amplitudeContrast
    }

    /// The transfer that a fit found.
    public func model(of result: CTFResult) -> CTFModel {
        CTFModel(
            defocusU: result.defocusU, defocusV: result.defocusV, angle: result.angle * .pi / 180, voltage: voltage, cs: cs,
            amplitudeContrast: amplitudeContrast, phaseShift: phaseShift)
    }

    /// Mean defocus and half the astigmatism as a vector of the doubled angle.
    func model(_ point: [Double]) -> CTFModel { model(mean: point[0], x: point[1], y: point[2]) }

    func model(mean: Double, x: Double, y: Double) -> CTFModel {
        let half = (x * x + y * y).squareRoot()
        return CTFModel(
            defocusU: mean + half, defocusV: mean - half, angle: 0.5 * atan2(y, x), voltage: voltage, cs: cs,
            amplitudeContrast: amplitudeContrast, phaseShift: phaseShift)
    }
}

/// A CTF fit that can be believed.
public struct CTFResult: Sendable, Equatable, Codable {
    /// Å under focus; U is the larger one.
    public var defocusU: Double
    public var defocusV: Double
    /// Degrees of U's direction from +x, counter-clockwise in stored orientation, in (−90, 90].
    public var angle: Double
    /// Å down to which rings and fit agree.
    public var fitResolution: Double
    /// Correlation of the spectrum with the fitted rings; 0.1 to 0.35 on good images.
    public var score: Double
    public var profile: CTFProfile
    /// Å beyond which rings are too narrow for the spectrum that was fitted.
    public var aliasedBelow = 0.0

    public var meanDefocus: Double { (defocusU + defocusV) / 2 }
    public var astigmatism: Double { defocusU - defocusV }
}

/// Curves to draw: the spectrum averaged along its rings, and the rings that were fitted.
public struct CTFProfile: Sendable, Equatable, Codable {
    /// 1/Å.
    public var frequency: [Float]
    /// Rings as measured, each brought to the height of its fitted ring.
    public var measured: [Float]
    /// |CTF| of the fit.
    public var fitted: [Float]
    /// Correlation of the two in a window around each frequency, −1…1.
    public var agreement: [Float]
}

/// A fit, or why there is no honest one.
public enum CTFOutcome: Sendable, Equatable {
    case fit(CTFResult)
    /// Nothing that could be believed; `reason` is a sentence for the operator.
    case noFit(reason: String)

    public var result: CTFResult? {
        if case .fit(let result) = self { result } else { nil }
    }
}
