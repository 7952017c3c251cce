import Glibc

/// A power spectrum without its slow fall: what is left are the Thon rings, about zero on average, as parts of the background.
///
/// A mean of amplitudes scatters in proportion to what it is a mean of, so that after the division all pixels are as noisy.
struct FlattenedSpectrum {
    /// 0 wherever a pixel does not count: near the middle and on the central cross.
    let residual: Image
    let background: Image
    /// 1/Å from one pixel to the next.
    let step: Double

    /// The rings in the spectrum's own units instead of as parts of the background: scores from these can be compared with other programs'.
    var absolute: FlattenedSpectrum {
        FlattenedSpectrum(residual: residual.combined(with: background) { $0 * $1 }, background: background, step: step)
    }

    init(residual: Image, background: Image, step: Double) {
        self.residual = residual
        self.background = background
        self.step = step
    }

    /// Subtracts a box average wide enough to span the rings; frequencies below `lowest` (1/Å) stay out of it.
    init(_ spectrum: PowerSpectrum, lowest: Double) {
        step = spectrum.step
        let counts = Self.mask(size: spectrum.size, step: spectrum.step, lowest: lowest)
        let radius = max(2, Int(lowest / spectrum.step * 2.0.squareRoot() / 2))
        let sum = spectrum.amplitudes.combined(with: counts) { $0 * $1 }.boxBlurred(radius: radius)
        let share = counts.boxBlurred(radius: radius)
        background = sum.combined(with: share) { $1 > 1e-6 ? $0 / $1 : $0 }
        let relative = spectrum.amplitudes.combined(with: background) { $1 > 0 ? $0 / $1 - 1 : 0 }
        residual = Self.withoutSpots(relative.combined(with: counts) { $0 * $1 })
    }

    /// Holds pixels within five deviations of their neighbours at the same frequency: spots of a crystal would outweigh every ring.
    private static func withoutSpots(_ plane: Image) -> Image {
        let size = plane.width
        let limits = RadialAverage(plane, of: abs).means.map { $0 * 1.25 * 5 }
        var result = plane
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            // Each row is one piece's own.
            nonisolated(unsafe) let pixels = pixels
            Parallel.perform(size) { y in
                let dy = y - size / 2
                for x in 0..<size {
                    let dx = x - size / 2
                    let limit = limits[min(Int(Float(dx * dx + dy * dy).squareRoot()), limits.count - 1)]
                    pixels[y * size + x] = min(max(pixels[y * size + x], -limit), limit)
                }
            }
        }
        return result
    }

    private static func mask(size: Int, step: Double, lowest: Double) -> Image {
        let middle = size / 2
        let inner = lowest / step
        var mask = Image(width: size, height: size, filledWith: 1)
        mask.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<size {
                for x in 0..<size {
                    let (dx, dy) = (x - middle, y - middle)
                    // The cross holds what tile borders and lines of the camera leave, and is no part of the specimen.
                    let isCross = abs(dx) <= 1 || abs(dy) <= 1
                    if isCross || Double(dx * dx + dy * dy) < inner * inner { pixels[y * size + x] = 0 }
                }
            }
        }
        return mask
    }
}
