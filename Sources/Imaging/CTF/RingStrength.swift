/// How strong the rings are at each frequency, to give every frequency the say that it deserves.
///
/// Pixels of a flattened spectrum are equally noisy, so the best weight of each is the height of its rings.
enum RingStrength {
    /// Slope of the measured against the fitted rings, in a window around each bin; 0 where there are none.
    static func weights(_ bins: EquiphaseBins, from first: Int) -> [Float] {
        let curve = bins.means.indices.map { abs(bins.ring.value(frequency: Double($0) * bins.step, direction: 0)) }
        let widths = bins.ringWidths
        let slopes = bins.means.indices.map { bin -> Float in
            guard bin >= first else { return 0 }
            let half = max(bins.means.count / 20, Int((1.5 * widths[bin]).rounded()))
            let range = max(first, bin - half)...min(bins.means.count - 1, bin + half)
            return Float(slope(bins, curve, range))
        }
        let best = slopes.max() ?? 0
        return best > 0 ? slopes.map { max($0 / best, 0) } : slopes.map { _ in 1 }
    }

    private static func slope(_ bins: EquiphaseBins, _ curve: [Double], _ range: ClosedRange<Int>) -> Double {
        var (n, x, y, xx, xy, noise) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for i in range {
            let weight = bins.counts[i]
            n += weight
            x += weight * curve[i]
            y += weight * Double(bins.means[i])
            xx += weight * curve[i] * curve[i]
            xy += weight * curve[i] * Double(bins.means[i])
            noise += weight * bins.deviations[i] * bins.deviations[i]
        }
        let spread = xx - x * x / n
        guard n > 0, spread > 0 else { return 0 }
        let slope = (xy - x * y / n) / spread
        // Less its own standard error: where there is nothing to see, noise should not get a say.
        return slope - (noise / n / spread).squareRoot()
    }
}
