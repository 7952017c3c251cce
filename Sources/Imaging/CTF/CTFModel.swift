import Glibc

/// The contrast transfer of a microscope: what defocus, lens and voltage do to an image, frequency by frequency.
///
/// Lengths in Å, angles in radians counter-clockwise from +x in stored orientation, defocus positive under focus.
public struct CTFModel: Sendable, Equatable {
    public var defocusU: Double
    public var defocusV: Double
    /// Direction of `defocusU`.
    public var angle: Double
    /// Electron wavelength.
    public let wavelength: Double
    /// Spherical aberration.
    public let cs: Double
    public let amplitudeContrast: Double
    /// What a phase plate adds; 0 without one.
    public let phaseShift: Double

    /// `voltage` in kV and `cs` in mm, as people say them; the rest as in the properties.
    public init(
        defocusU: Double, defocusV: Double, angle: Double = 0, voltage: Double = 300, cs: Double = 2.7,
        amplitudeContrast: Double = 0.07, phaseShift: Double = 0
    ) {
        self.defocusU = defocusU
        self.defocusV = defocusV
        self.angle = angle
        wavelength = Self.wavelength(kilovolts: voltage)
        self.cs = cs * 1e7
        self.amplitudeContrast = amplitudeContrast
        self.phaseShift = phaseShift
    }

    /// Relativistic wavelength in Å.
    public static func wavelength(kilovolts: Double) -> Double {
        let volts = kilovolts * 1000
        return 12.2639 / (volts + 0.97845e-6 * volts * volts).squareRoot()
    }

    public var meanDefocus: Double { (defocusU + defocusV) / 2 }

    public func defocus(atAngle direction: Double) -> Double {
        0.5 * (defocusU + defocusV + (defocusU - defocusV) * cos(2 * (direction - angle)))
    }

    /// Phase shift χ in radians at `frequency` (1/Å) where the defocus is `defocus`.
    public func phase(frequency: Double, defocus: Double) -> Double {
        let g2 = frequency * frequency
        return Double.pi * wavelength * g2 * (defocus - 0.5 * wavelength * wavelength * g2 * cs) + constantPhase
    }

    /// The part of χ that no frequency changes: phase plate and amplitude contrast.
    public var constantPhase: Double { phaseShift + asin(amplitudeContrast) }

    /// −sin χ at `frequency` (1/Å) along `direction`.
    public func value(frequency: Double, direction: Double) -> Double {
        -sin(phase(frequency: frequency, defocus: defocus(atAngle: direction)))
    }

    /// −sin χ at the vector (`gx`, `gy`) in 1/Å.
    public func value(gx: Double, gy: Double) -> Double {
        value(frequency: (gx * gx + gy * gy).squareRoot(), direction: atan2(gy, gx))
    }

    /// Applies the transfer to an image's spectrum: `pixelSize` in Å.
    public func apply(to spectrum: inout Spectrum, pixelSize: Double) {
        let columns = spectrum.columns
        for row in 0..<spectrum.height {
            let gy = Double(spectrum.frequency(ofRow: row)) / pixelSize
            for column in 0..<columns {
                let factor = Float(value(gx: Double(spectrum.frequency(ofColumn: column)) / pixelSize, gy: gy))
                let at = (row * columns + column) * 2
                spectrum.values[at] *= factor
                spectrum.values[at + 1] *= factor
            }
        }
    }
}
