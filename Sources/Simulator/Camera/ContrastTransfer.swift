import Glibc
import Imaging

/// What the objective lens does to a weak phase object (Rohou & Grigorieff 2015), written apart from the estimator that is to find it again.
struct ContrastTransfer {
    /// Å.
    let wavelength: Double
    let cs: Double
    let underFocus: Double
    let astigmatism: Double
    /// Radians from x to the stronger under focus.
    package let angle: Double
    var amplitudeContrast = 0.08
    /// Å²: how quickly fine detail fades.
    var falloff = 30.0

    init(_ view: CameraView) {
        wavelength = Self.wavelength(volts: view.voltage)
        cs = view.cs
        underFocus = view.underFocus
        astigmatism = view.astigmatism
        angle = view.astigmatismAngle
    }

    /// Relativistic, Å.
    static func wavelength(volts: Double) -> Double { 12.2639 / (volts + 0.97845e-6 * volts * volts).squareRoot() }

    /// Multiplies a transform of the specimen by it.
    func apply(to spectrum: inout Spectrum, pixelSize: Double) {
        let (width, height, columns) = (spectrum.width, spectrum.height, spectrum.columns)
        let constants = Constants(self)
        spectrum.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<height {
                let gy = Float(Double(row <= height / 2 ? row : row - height) / (Double(height) * pixelSize))
                for column in 0..<columns {
                    let gx = Float(Double(column) / (Double(width) * pixelSize))
                    let factor = constants.value(gx, gy)
                    let index = 2 * (row * columns + column)
                    values[index] *= factor
                    values[index + 1] *= factor
                }
            }
        }
    }

    /// 2 Δf(α) g² = (D1 + D2) g² + (D1 − D2) (cos 2β (gx² − gy²) + sin 2β 2 gx gy): no angle needs to be taken per pixel.
    private struct Constants {
        let mean: Float
        let along: Float
        let across: Float
        let spherical: Float
        let offset: Float
        let fade: Float

        init(_ lens: ContrastTransfer) {
            let wave = Double.pi * lens.wavelength
            mean = Float(wave * lens.underFocus)
            along = Float(wave * lens.astigmatism / 2 * cos(2 * lens.angle))
            across = Float(wave * lens.astigmatism / 2 * sin(2 * lens.angle))
            spherical = Float(wave * lens.wavelength * lens.wavelength * lens.cs / 2)
            offset = Float(asin(lens.amplitudeContrast))
            fade = Float(-lens.falloff / 4)
        }

        @inline(__always)
        func value(_ gx: Float, _ gy: Float) -> Float {
            let (xx, yy) = (gx * gx, gy * gy)
            let g2 = xx + yy
            let phase = mean * g2 + along * (xx - yy) + across * 2 * gx * gy - spherical * g2 * g2 + offset
            return -sin(phase) * exp(fade * g2)
        }
    }
}
