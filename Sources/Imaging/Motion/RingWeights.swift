import Glibc

/// How much each frequency says about where a frame lies, in rings from 0 to a limit.
enum RingWeights {
    /// At 1 e/px a ring of so many tells the specimen's power to a fifth.
    private static let leastCoefficients = 20_000.0

    /// One ring to a pixel of the longer side's transform.
    static func rings(side: Int, limit: Double) -> Int { max(8, Int(limit * Double(side))) }

    /// Before anything is known: exp(−100 g²), g in cycles per pixel.
    static func gaussian(rings: Int, limit: Double) -> [Float] {
        (0..<rings).map { ring in
            let g = (Double(ring) + 0.5) / Double(rings) * limit
            return Float(exp(-100 * g * g))
        }
    }

    /// P/(N + F·P) from what frames have in common: the sum of F frames has F²P + FN, the frames together F(P + N).
    static func measured(_ sums: CorrelationSums, frames: Int) -> [Float] {
        let count = Double(frames)
        let signal = zip(sums.together, sums.alone).map { ($0 - $1) / (count * (count - 1)) }
        let smoothed = smooth(signal, counts: sums.counts)
        let total = smooth(sums.alone.map { $0 / count }, counts: sums.counts)
        let ratio = zip(smoothed, total).map { signal, total in max(0, signal) / max(total - max(0, signal), 1e-30) }
        let weights = ratio.enumerated().map { ring, ratio in
            let power = total[ring]
            return power > 0 ? ratio / (1 + count * ratio) / power : 0
        }
        let greatest = weights.max() ?? 0
        return greatest > 0 ? weights.map { Float($0 / greatest) } : weights.map { _ in 1 }
    }

    /// Mean over rings beside each other, as many as hold enough coefficients to tell a weak signal from noise.
    private static func smooth(_ sums: [Double], counts: [Double]) -> [Double] {
        sums.indices.map { ring in
            var (sum, weight, taken) = (sums[ring], counts[ring], 0)
            while weight < leastCoefficients && taken < max(1, sums.count / 16) {
                taken += 1
                for other in [ring - taken, ring + taken] where sums.indices.contains(other) {
                    sum += sums[other]
                    weight += counts[other]
                }
            }
            return weight > 0 ? sum / weight : 0
        }
    }
}
