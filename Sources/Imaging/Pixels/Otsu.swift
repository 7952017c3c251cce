import Glibc

/// Otsu's threshold: the value that parts pixels into two classes as unlike as can be.
enum Otsu {
    struct Split {
        let threshold: Float
        /// Means below and above.
        let low: Float
        let high: Float
        /// Fraction of pixels above.
        let share: Double
    }

    /// nil for an even image.
    static func split(_ values: [Float], bins: Int = 256) -> Split? {
        guard let low = values.min(), let high = values.max(), high > low else { return nil }
        var counts = [Double](repeating: 0, count: bins)
        let scale = Float(bins - 1) / (high - low)
        for value in values { counts[Int((value - low) * scale)] += 1 }
        let total = Double(values.count)
        let sum = counts.indices.reduce(0.0) { $0 + Double($1) * counts[$1] }
        var best = (bin: 0, between: -1.0, low: 0.0, high: 0.0, share: 0.0)
        var (below, belowSum) = (0.0, 0.0)
        for bin in 0..<bins - 1 {
            below += counts[bin]
            belowSum += Double(bin) * counts[bin]
            guard below > 0, below < total else { continue }
            let (m0, m1) = (belowSum / below, (sum - belowSum) / (total - below))
            let between = below * (total - below) * (m1 - m0) * (m1 - m0)
            if between > best.between { best = (bin, between, m0, m1, 1 - below / total) }
        }
        let value = { (bin: Double) in low + Float(bin) / scale }
        return Split(threshold: value(Double(best.bin) + 1), low: value(best.low), high: value(best.high), share: best.share)
    }
}

extension Image {
    /// Natural logarithm; what is below a three-hundredth of the bright pixels counts as that.
    func logarithm() -> Image {
        let bright = max(percentiles([0.99])[0], .leastNormalMagnitude)
        return mapped { log(max($0, bright / 300)) }
    }
}
