import Glibc

/// A power spectrum without its slow fall: what is left are the Thon rings, about zero on average.
struct FlattenedSpectrum {
    /// 0 wherever a pixel does not count: near the middle and on the central cross.
    let residual: Image
    let background: Image
    /// 1/Å from one pixel to the next.
    let step: Double

    /// Subtracts a box average wide enough to span the rings; frequencies below `lowest` (1/Å) stay out of it.
    init(_ spectrum: PowerSpectrum, lowest: Double) {
        step = spectrum.step
        let counts = Self.mask(size: spectrum.size, step: spectrum.step, lowest: lowest)
        let radius = max(2, Int(lowest / spectrum.step * 2.0.squareRoot() / 2))
        let sum = spectrum.amplitudes.combined(with: counts) { $0 * $1 }.boxBlurred(radius: radius)
        let share = counts.boxBlurred(radius: radius)
        background = sum.combined(with: share) { $1 > 1e-6 ? $0 / $1 : $0 }
        residual = spectrum.amplitudes.combined(with: background) { $0 - $1 }.combined(with: counts) { $0 * $1 }
    }

    private static func mask(size: Int, step: Double, lowest: Double) -> Image {
        let middle = size / 2
        let inner = lowest / step
        var mask = Image(width: size, height: size, filledWith: 1)
        for y in 0..<size {
            for x in 0..<size {
                let (dx, dy) = (x - middle, y - middle)
                // The cross holds what tile borders and lines of the camera leave, and is no part of the specimen.
                let isCross = abs(dx) <= 1 || abs(dy) <= 1
                if isCross || Double(dx * dx + dy * dy) < inner * inner { mask.pixels[y * size + x] = 0 }
            }
        }
        return mask
    }
}

extension PowerSpectrum {
    /// The rings as a person wants to see them: background flattened, faint rings lifted to the strength of the strong ones.
    public func picture(size shown: Int = 512, lowest: Double = 1.0 / 60) -> Picture {
        let flat = FlattenedSpectrum(self, lowest: lowest)
        let square = flat.residual.mapped { $0 * $0 }.boxBlurred(radius: max(4, size / 24))
        let even = flat.residual.combined(with: square) { $1 > 0 ? $0 / $1.squareRoot() : 0 }
        let smooth = even.blurred(sigma: 0.8).resized(toFit: shown)
        let ends = smooth.percentiles([0.02, 0.995])
        return Thumbnail.picture(smooth, black: ends[0], white: ends[1])
    }
}
