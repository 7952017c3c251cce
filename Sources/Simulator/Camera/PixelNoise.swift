import Glibc

/// Noise for millions of pixels: a generator of a few instructions and tables instead of logarithms.
package struct PixelNoise {
    private var state: UInt64

    package init(seed: UInt64) { state = Seed.mix(seed) }

    @inline(__always)
    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let z = (state ^ (state >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return z ^ (z >> 29)
    }

    /// Values of a normal distribution at even steps of probability: any sixteen random bits choose one.
    private static let gaussian: [Float] = (0..<65_536).map { Float(quantile((Double($0) + 0.5) / 65_536)) }

    /// Fills with noise of mean 0 and standard deviation 1.
    package mutating func fillGaussian(_ target: UnsafeMutableBufferPointer<Float>) {
        Self.gaussian.withUnsafeBufferPointer { table in
            var index = 0
            while index < target.count {
                var word = bits()
                for _ in 0..<min(4, target.count - index) {
                    target[index] = table[Int(word & 0xFFFF)]
                    word >>= 16
                    index += 1
                }
            }
        }
    }

    /// The inverse of the normal distribution's integral, after Acklam's rational approximation (good to 1e-9 of the value).
    static func quantile(_ p: Double) -> Double {
        if p > 0.5 { return -quantile(1 - p) }
        if p < 0.02425 {
            let q = (-2 * log(p)).squareRoot()
            let above =
                ((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q
                    + 4.374664141464968) * q + 2.938163982698783
            let below =
                (((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1
            return above / below
        }
        let q = p - 0.5
        let r = q * q
        let above =
            ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r
                - 30.66479806614716) * r + 2.506628277459239
        let below =
            ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r
                - 13.28068155288572) * r + 1
        return above * q / below
    }
}

/// Counts of electrons for given means, by tables of quantiles: exact to a thousandth of probability.
struct ElectronCounts {
    private static let levels = 256
    private static let quantiles = 1024
    private let table: [UInt16]
    /// Levels per electron of mean.
    private let scale: Float

    /// Means run from 0 to `highest`; brighter pixels count as that.
    init(highest: Double) {
        let step = highest / Double(Self.levels - 1)
        scale = Float(1 / step)
        table = (0..<Self.levels).flatMap { Self.quantiles(of: Double($0) * step) }
    }

    private static func quantiles(of mean: Double) -> [UInt16] {
        guard mean < 500 else {
            return (0..<quantiles).map { index in
                let beside = PixelNoise.quantile((Double(index) + 0.5) / Double(quantiles)) * mean.squareRoot()
                return UInt16(min(max(0, (mean + beside).rounded()), 65_535))
            }
        }
        var result: [UInt16] = []
        result.reserveCapacity(quantiles)
        var count = 0
        var probability = exp(-mean)
        var sum = probability
        for index in 0..<quantiles {
            let wanted = (Double(index) + 0.5) / Double(quantiles)
            while sum < wanted && count < 60_000 {
                count += 1
                probability *= mean / Double(count)
                sum += probability
            }
            result.append(UInt16(count))
        }
        return result
    }

    /// Replaces each mean by a count.
    func draw(_ pixels: UnsafeMutableBufferPointer<Float>, _ noise: inout PixelNoise) {
        let top = Float(Self.levels - 1)
        table.withUnsafeBufferPointer { table in
            var index = 0
            while index < pixels.count {
                var word = noise.bits()
                for _ in 0..<min(6, pixels.count - index) {
                    let level = Int(min(max(pixels[index] * scale + 0.5, 0), top))
                    pixels[index] = Float(table[level &* Self.quantiles &+ Int(word & 1023)])
                    word >>= 10
                    index += 1
                }
            }
        }
    }
}
