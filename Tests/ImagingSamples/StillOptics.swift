import Glibc

/// The lens of a generated still, with the contrast transfer written out from the physics.
///
/// Phase of the scattered wave at k (1/Å) against the unscattered one, after Reimer: π·λ·Δf·k² − ½π·Cs·λ³·k⁴ for defocus Δf
/// under focus; a specimen of phase contrast and a share of amplitude contrast then shows with √(1−w²)·sin + w·cos of it.
public struct StillOptics: Sendable {
    /// Å.
    public var pixelSize: Double
    public var kilovolts: Double
    /// mm.
    public var cs: Double
    public var amplitudeContrast = 0.07
    /// Radians that a phase plate adds.
    public var phaseShift = 0.0
    /// Å under focus along `degrees` from +x, counter-clockwise, and across it.
    public var largest: Double
    public var least: Double
    public var degrees = 0.0

    public init(pixelSize: Double, kilovolts: Double = 300, cs: Double = 2.7, largest: Double, least: Double, degrees: Double = 0)
    {
        self.pixelSize = pixelSize
        self.kilovolts = kilovolts
        self.cs = cs
        self.largest = largest
        self.least = least
        self.degrees = degrees
    }

    /// De Broglie's wavelength in Å, relativistic, from the constants of nature.
    public var wavelength: Double {
        let (planck, mass, charge, light) = (6.62607015e-34, 9.1093837015e-31, 1.602176634e-19, 299_792_458.0)
        let energy = charge * kilovolts * 1000
        return planck / (2 * mass * energy * (1 + energy / (2 * mass * light * light))).squareRoot() * 1e10
    }

    public var meanDefocus: Double { (largest + least) / 2 }

    /// Astigmatism as a vector of the doubled angle, Å.
    public var astigmatism: (x: Double, y: Double) {
        let doubled = 2 * degrees * .pi / 180
        return ((largest - least) * cos(doubled), (largest - least) * sin(doubled))
    }

    /// Contrast at the frequency (`kx`, `ky`) in 1/Å, −1…1.
    struct Transfer {
        let (along, across, linear, quartic): (SIMD2<Double>, SIMD2<Double>, Double, Double)
        let (largest, least, phaseShift): (Double, Double, Double)
        let (phasePart, amplitudePart): (Double, Double)

        init(_ optics: StillOptics) {
            let turn = optics.degrees * .pi / 180
            let lambda = optics.wavelength
            along = SIMD2(cos(turn), sin(turn))
            across = SIMD2(-sin(turn), cos(turn))
            linear = .pi * lambda
            quartic = .pi / 2 * optics.cs * 1e7 * lambda * lambda * lambda
            (largest, least, phaseShift) = (optics.largest, optics.least, optics.phaseShift)
            amplitudePart = optics.amplitudeContrast
            phasePart = (1 - amplitudePart * amplitudePart).squareRoot()
        }

        func callAsFunction(_ kx: Double, _ ky: Double) -> Double {
            let (p, q) = (kx * along.x + ky * along.y, kx * across.x + ky * across.y)
            let square = p * p + q * q
            let phase = linear * (largest * p * p + least * q * q) - quartic * square * square + phaseShift
            return -(phasePart * sin(phase) + amplitudePart * cos(phase))
        }
    }
}
