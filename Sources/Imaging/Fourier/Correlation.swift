import Glibc

/// How far one image is shifted against another, by cross-correlation.
public enum Correlation {
    public struct Offset: Sendable, Equatable {
        /// Where the content of the image sits against the reference, in pixels, y as stored.
        public var shift: PixelShift
        /// Correlation coefficient of the overlap after smoothing, at most 1; under about 0.3 the shift means nothing.
        public var peak: Double
    }

    /// Finds shifts up to a third of the field; both images must be of one size.
    ///
    /// Slow gradients and pixel noise are left out, so that shading and shot noise do not decide.
    public static func offset(of image: Image, against reference: Image) throws(ImagingError) -> Offset {
        guard image.width == reference.width, image.height == reference.height else {
            throw .sizesDiffer(
                what: "The image to be compared", expected: "\(reference.width) x \(reference.height)",
                found: "\(image.width) x \(image.height)")
        }
        let small = image.resized(toFit: 1024)
        let scaleX = Double(image.width) / Double(small.width)
        let scaleY = Double(image.height) / Double(small.height)
        let moving = BandPassed(small)
        let fixed = BandPassed(reference.resized(width: small.width, height: small.height))
        let map = moving.correlation(with: fixed)
        let peak = CorrelationPeak(in: map, reachX: Double(small.width) / 3, reachY: Double(small.height) / 3)
        return Offset(
            shift: PixelShift(x: peak.shift.x * scaleX, y: peak.shift.y * scaleY), peak: Double(max(-1, min(1, peak.height))))
    }
}

/// An image ready for correlation: band-passed, faded at the border, in a frame half as large again, so that no shift that is looked for wraps around.
struct BandPassed {
    private let spectrum: Spectrum
    private let energy: Spectrum
    private let weight: Spectrum
    private let width: Int
    private let height: Int

    /// `cover`: 1 where the image shows something, 0 where it does not; nil where it shows something everywhere.
    init(_ image: Image, cover: Image? = nil) {
        let side = Double(min(image.width, image.height))
        let even = image.differenceOfGaussians(inner: 1, outer: side / 16)
        let ends = even.percentiles([0.005, 0.995])
        let frame = Self.window(width: image.width, height: image.height)
        let window = cover.map { frame.combined(with: $0) { $0 * $1 } } ?? frame
        let held = even.mapped { min(max($0, ends[0]), ends[1]) }.combined(with: window) { $0 * $1 }
        width = image.width
        height = image.height
        spectrum = Self.padded(held)
        energy = Self.padded(held.mapped { $0 * $0 })
        weight = Self.padded(window.mapped { $0 > 0 ? 1 : 0 })
    }

    /// Correlation coefficients of the overlap at every shift.
    func correlation(with other: BandPassed) -> Image {
        let product = Self.cross(spectrum, other.spectrum)
        let mine = Self.cross(energy, other.weight)
        let its = Self.cross(weight, other.energy)
        let least = 0.05 * (mine.pixels[0] * its.pixels[0]).squareRoot()
        let energies = mine.combined(with: its) { max((max($0, 0) * max($1, 0)).squareRoot(), least) }
        return product.combined(with: energies) { $1 > 0 ? $0 / $1 : 0 }
    }

    private static func cross(_ a: Spectrum, _ b: Spectrum) -> Image {
        var result = a
        for i in stride(from: 0, to: a.values.count, by: 2) {
            let (p, q, r, s) = (a.values[i], a.values[i + 1], b.values[i], b.values[i + 1])
            result.values[i] = p * r + q * s
            result.values[i + 1] = q * r - p * s
        }
        return FourierTransform.inverse(result)
    }

    private static func padded(_ image: Image) -> Spectrum {
        var large = Image(width: (image.width * 3 / 2 + 3) / 2 * 2, height: (image.height * 3 / 2 + 3) / 2 * 2)
        for y in 0..<image.height {
            let row = y * large.width
            large.pixels.replaceSubrange(row..<row + image.width, with: image.pixels[y * image.width..<(y + 1) * image.width])
        }
        return FourierTransform.forward(large)
    }

    /// 1 in the middle, falling to 0 over the outer sixteenth.
    private static func window(width: Int, height: Int) -> Image {
        let rows = fade(height)
        let columns = fade(width)
        var window = Image(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width { window.pixels[y * width + x] = rows[y] * columns[x] }
        }
        return window
    }

    private static func fade(_ length: Int) -> [Float] {
        let edge = max(1, Double(length) / 16)
        return (0..<length).map { i in
            let inside = min(1, (Double(min(i, length - 1 - i)) + 0.5) / edge)
            return Float(0.5 - 0.5 * cos(.pi * inside))
        }
    }
}
