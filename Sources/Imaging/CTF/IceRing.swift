import Glibc

/// The ring of crystalline ice, near 3.7 Å.
public enum IceRing {
    /// At this ratio and above, a person should know.
    public static let warns = 1.25

    /// Power of the ring against that on both sides of it: about 1 without crystals; nil where the pixels are too coarse to tell.
    ///
    /// The greater of two: 3.9–3.5 Å for a broad ring, 3.75–3.58 Å for the sharp one of hexagonal ice at 3.67 Å. What a smooth
    /// fall would give there is drawn, as a straight line of its logarithm, from 4.5–4.1 to 3.2–3.0 Å.
    public static func ratio(of spectrum: PowerSpectrum) -> Double? {
        guard 2 * spectrum.pixelSize / 0.98 < 3.0,
            let before = power(spectrum, 4.5, 4.1), let after = power(spectrum, 3.2, 3.0),
            let broad = power(spectrum, 3.9, 3.5), let sharp = power(spectrum, 3.75, 3.58)
        else { return nil }
        let smooth = { (length: Double) in
            let share = (1 / length - 1 / 4.3) / (1 / 3.1 - 1 / 4.3)
            return pow(before, 1 - share) * pow(after, share)
        }
        return max(broad / smooth(3.69), sharp / smooth(3.66))
    }

    /// Mean square of the amplitudes between two lengths in Å; nil where there are none.
    private static func power(_ spectrum: PowerSpectrum, _ coarse: Double, _ fine: Double) -> Double? {
        let middle = spectrum.size / 2
        let (inner, outer) = (1 / coarse / spectrum.step, 1 / fine / spectrum.step)
        var (sum, count) = (0.0, 0.0)
        for dy in 2..<middle {
            for dx in -middle + 1..<middle where abs(dx) > 1 {
                let square = Double(dx * dx + dy * dy)
                guard square >= inner * inner, square < outer * outer else { continue }
                let amplitude = Double(spectrum.amplitudes[middle + dx, middle + dy])
                sum += amplitude * amplitude
                count += 1
            }
        }
        return sum > 0 ? sum / count : nil
    }
}
