import Glibc
import Imaging

/// A thin layer of ice with protein in it, under focus, as relative deviations from the mean intensity.
///
/// Amorphous ice scatters at all frequencies, particles mostly at low ones; both go through a contrast transfer written down here.
public struct SpecimenSample: Sendable {
    /// Å.
    public var pixelSize = 1.0
    /// Å, positive under focus.
    public var defocus = 14_000.0
    /// Å² of the amplitudes' Gaussian decay exp(−B g²/4).
    public var decay = 60.0
    /// Standard deviation of the intensity over its mean.
    public var contrast = 0.06
    /// Of that, the part of the ice.
    public var ice = 0.6
    public var seed: UInt64 = 1

    public init(seed: UInt64) { self.seed = seed }

    /// Mean 0 and standard deviation `contrast`; the picture repeats itself at its borders.
    public func spectrum(width: Int, height: Int) -> Spectrum {
        var random = SeededGenerator(seed: seed)
        let noise = transferred(FourierTransform.forward(Self.noise(width, height, &random)))
        let particles = transferred(FourierTransform.forward(particles(width, height, &random)))
        let (a, b) = (Self.deviation(noise), Self.deviation(particles))
        var mixed = noise
        let (p, q) = (Float(contrast * ice.squareRoot() / a), Float(contrast * (1 - ice).squareRoot() / b))
        for i in mixed.values.indices { mixed.values[i] = noise.values[i] * p + particles.values[i] * q }
        return mixed
    }

    private func transferred(_ spectrum: Spectrum) -> Spectrum {
        var result = spectrum
        for row in 0..<spectrum.height {
            for column in 0..<spectrum.columns {
                let (kx, ky) = (Double(spectrum.frequency(ofColumn: column)), Double(spectrum.frequency(ofRow: row)))
                let factor = Float(transfer((kx * kx + ky * ky) / (pixelSize * pixelSize)))
                let at = (row * spectrum.columns + column) * 2
                result.values[at] *= factor
                result.values[at + 1] *= factor
            }
        }
        result.values[0] = 0
        return result
    }

    /// `g2`: squared frequency in 1/Å². 300 kV, Cs 2.7 mm, 7 % amplitude contrast.
    private func transfer(_ g2: Double) -> Double {
        let wavelength = 0.019687
        let phase = .pi * wavelength * g2 * (defocus - 0.5 * wavelength * wavelength * g2 * 2.7e7) + 0.07
        return sin(phase) * exp(-decay * g2 / 4)
    }

    private static func noise(_ width: Int, _ height: Int, _ random: inout SeededGenerator) -> Image {
        var image = Image(width: width, height: height)
        // Sums of four uniform numbers are near enough to Gaussian after the transform, and four times as fast.
        for i in image.pixels.indices {
            let word = random.next()
            image.pixels[i] = Float((0..<4).reduce(0) { $0 + Int(word >> (16 * UInt64($1)) & 0xFFFF) }) / 65536 - 2
        }
        return image
    }

    /// Globules of 60 to 100 Å radius, each a cloud of small domains, over about a fifth of the area.
    private func particles(_ width: Int, _ height: Int, _ random: inout SeededGenerator) -> Image {
        var image = Image(width: width, height: height)
        let count = max(4, Int(Double(width * height) * pixelSize * pixelSize / 100_000))
        for _ in 0..<count {
            let centre = (x: random.uniform() * Double(width), y: random.uniform() * Double(height))
            let radius = random.uniform(60...100) / pixelSize
            for _ in 0..<40 {
                let (angle, reach) = (random.uniform(0...2 * .pi), radius * random.uniform().squareRoot())
                let place = (x: centre.x + reach * cos(angle), y: centre.y + reach * sin(angle))
                Self.addDomain(at: place, sigma: random.uniform(4...9) / pixelSize, to: &image)
            }
        }
        return image
    }

    private static func addDomain(at place: (x: Double, y: Double), sigma: Double, to image: inout Image) {
        let reach = Int(3 * sigma)
        let (x0, y0) = (Int(place.x.rounded()), Int(place.y.rounded()))
        for dy in -reach...reach {
            for dx in -reach...reach {
                let (x, y) = (Double(x0 + dx) - place.x, Double(y0 + dy) - place.y)
                let at = ((y0 + dy + 4 * image.height) % image.height) * image.width + (x0 + dx + 4 * image.width) % image.width
                image.pixels[at] += Float(exp(-(x * x + y * y) / (2 * sigma * sigma)))
            }
        }
    }

    /// Of the picture a spectrum stands for (Parseval); columns inside count twice.
    private static func deviation(_ spectrum: Spectrum) -> Double {
        var sum = 0.0
        for row in 0..<spectrum.height {
            for column in 0..<spectrum.columns {
                let at = (row * spectrum.columns + column) * 2
                let (a, b) = (Double(spectrum.values[at]), Double(spectrum.values[at + 1]))
                sum += (column == 0 || column * 2 == spectrum.width ? 1 : 2) * (a * a + b * b)
            }
        }
        return sum.squareRoot() / Double(spectrum.width * spectrum.height)
    }
}
