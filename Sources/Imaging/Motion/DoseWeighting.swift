import Glibc

/// What dose weighting has to know of an exposure.
public struct DoseSettings: Sendable, Equatable {
    /// e/Å².
    public var perFrame: Double
    /// e/Å² that the specimen had before the first frame.
    public var before: Double
    /// kV.
    public var voltage: Double
    /// Å of the movie's pixels.
    public var pixelSize: Double

    public init(perFrame: Double, before: Double = 0, voltage: Double = 300, pixelSize: Double) {
        self.perFrame = perFrame
        self.before = before
        self.voltage = voltage
        self.pixelSize = pixelSize
    }
}

/// How much of each frequency a frame still tells after the dose it has seen (Grant and Grigorieff 2015).
struct DoseWeighting {
    /// Entries from frequency 0 to the corner of the spectrum.
    static let entries = 4096
    /// Corner of a spectrum in cycles per pixel.
    static let corner = 0.5.squareRoot()

    let settings: DoseSettings

    /// Dose in e/Å² after which the signal at `frequency` (1/Å) has fallen to 1/e in power terms.
    static func criticalDose(frequency: Double, voltage: Double) -> Double {
        let at300 = 0.24499 * pow(frequency, -1.6649) + 2.8141
        return at300 * (voltage < 150 ? 0.532 : voltage < 250 ? 0.8 : 1)
    }

    /// Weights of a frame at evenly spaced frequencies from 0 to the corner.
    func weights(frame: Int) -> [Float] {
        let dose = settings.before + settings.perFrame * Double(frame + 1)
        return (0..<Self.entries).map { i in
            guard i > 0 else { return 1 }
            let g = Double(i) * Self.corner / Double(Self.entries - 1) / settings.pixelSize
            return Float(exp(-dose / (2 * Self.criticalDose(frequency: g, voltage: settings.voltage))))
        }
    }

    /// √Σq²: dividing by it keeps the noise of the sum as even as it was.
    func norms(frames: Int) -> [Float] {
        var squares = [Float](repeating: 0, count: Self.entries)
        for frame in 0..<frames {
            for (i, q) in weights(frame: frame).enumerated() { squares[i] += q * q }
        }
        return squares.map { $0.squareRoot() }
    }
}
