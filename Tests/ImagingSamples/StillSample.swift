import Glibc
import Imaging

/// A still of vitreous ice at low dose whose optics are known.
///
/// The specimen is a random field: structureless ice, or a crowd of globular particles in it, which makes its spectrum fall and
/// ripple. It is seen through the lens and an envelope, counted electron by electron, and smeared by the camera. Slow changes of
/// thickness, which no lens modulates, lie underneath.
public struct StillSample: Sendable {
    public var optics: StillOptics
    public var width: Int
    public var height: Int
    /// e/Å².
    public var dose = 36.0
    /// Power of the specimen against that of the counting noise, where the lens passes all and nothing is damped.
    public var signal: Double
    /// Å² of the envelope on amplitudes, exp(−B·g²/4).
    public var decay = 90.0
    /// Å, radius of the particles; nil for bare ice.
    public var particleRadius: Double?
    public var seed: UInt64

    public init(optics: StillOptics, width: Int, height: Int? = nil, signal: Double, seed: UInt64) {
        self.optics = optics
        self.width = width
        self.height = height ?? width
        self.signal = signal
        self.seed = seed
    }

    public func render() -> Image {
        var random = FastGaussian(seed: seed)
        let contrast = FourierTransform.inverse(specimen(&random))
        return CountingCamera.expose(contrast, electrons: dose * optics.pixelSize * optics.pixelSize, &random)
    }

    /// The transform of the relative contrast.
    private func specimen(_ random: inout FastGaussian) -> Spectrum {
        var spectrum = Spectrum(width: width, height: height)
        let transfer = StillOptics.Transfer(optics)
        let pixels = Double(width * height)
        // Relative counting noise has variance 1/N a pixel, so each frequency has width·height/N of its power.
        let unit = (pixels / (dose * optics.pixelSize * optics.pixelSize) / 2).squareRoot()
        let columns = spectrum.columns
        spectrum.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<height {
                let ky = Double(row <= height / 2 ? row : row - height) / (Double(height) * optics.pixelSize)
                for column in 0..<columns where row + column > 0 {
                    let kx = Double(column) / (Double(width) * optics.pixelSize)
                    let square = kx * kx + ky * ky
                    let seen = unit * (signal * power(square)).squareRoot() * transfer(kx, ky) * exp(-decay * square / 4)
                    // Thickness: 20 times the counting noise at the coarsest, gone by 1/25 Å.
                    let slow = square < 0.01 ? unit * 4.5 * exp(-square * 1250) : 0
                    let at = 2 * (row * columns + column)
                    values[at] = Float(seen * random.next() + slow * random.next())
                    values[at + 1] = Float(seen * random.next() + slow * random.next())
                }
            }
        }
        return spectrum
    }

    /// Of the specimen, 1 for bare ice. Particles add the form factor of a solid sphere with a rough surface.
    private func power(_ square: Double) -> Double {
        guard let particleRadius else { return 1 }
        let q = 2 * .pi * square.squareRoot() * particleRadius
        let sphere = q > 0.05 ? 3 * (sin(q) - q * cos(q)) / (q * q * q) : 1
        return 0.6 + 400 * sphere * sphere * exp(-40 * square)
    }
}

/// Counts electrons and spreads each a little over its neighbours.
enum CountingCamera {
    static func expose(_ contrast: Image, electrons: Double, _ random: inout FastGaussian) -> Image {
        var counted = contrast
        counted.pixels.withUnsafeMutableBufferPointer { pixels in
            for i in pixels.indices {
                pixels[i] = Float(random.poisson(max(0, electrons * (1 + Double(pixels[i])))))
            }
        }
        return spread(counted)
    }

    private static func spread(_ image: Image) -> Image {
        let share: Float = 0.06
        var (across, result) = (image, image)
        let (width, height) = (image.width, image.height)
        for y in 0..<height {
            for x in 1..<width - 1 {
                let at = y * width + x
                across.pixels[at] = (1 - 2 * share) * image.pixels[at] + share * (image.pixels[at - 1] + image.pixels[at + 1])
            }
        }
        result = across
        for y in 1..<height - 1 {
            for at in y * width..<(y + 1) * width {
                result.pixels[at] =
                    (1 - 2 * share) * across.pixels[at] + share * (across.pixels[at - width] + across.pixels[at + width])
            }
        }
        return result
    }
}
