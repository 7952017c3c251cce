import Glibc

/// Normal and Poisson numbers by the million, both halves of each Box–Muller pair used.
struct FastGaussian {
    private var random: SeededGenerator
    private var kept: Double?

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func uniform() -> Double { (Double(random.next() >> 11) + 0.5) * 0x1p-53 }

    mutating func next() -> Double {
        if let value = kept {
            kept = nil
            return value
        }
        let radius = (-2 * log(uniform())).squareRoot()
        let turn = 2 * Double.pi * uniform()
        kept = radius * sin(turn)
        return radius * cos(turn)
    }

    /// A count of this mean: exact below 12, above it a rounded normal number with the Poisson skew.
    mutating func poisson(_ mean: Double) -> Double {
        if mean < 12 {
            let least = exp(-mean)
            var (count, product) = (-1.0, 1.0)
            repeat {
                product *= uniform()
                count += 1
            } while product > least
            return count
        }
        let normal = next()
        return max(0, (mean + mean.squareRoot() * normal + (normal * normal - 1) / 6).rounded())
    }
}
