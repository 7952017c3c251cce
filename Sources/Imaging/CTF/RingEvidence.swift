import Glibc

/// Whether a spectrum's rings are a lens's: do they keep step with the model over all frequencies where there are rings at all?
///
/// Rings of a lens are evenly spaced in the squared frequency (but for spherical aberration) and their phase at frequency zero is
/// known; those of particles of one size are evenly spaced in frequency, powder rings and spots stand anywhere. Each bin of the
/// equi-phase average is therefore brought to the same strength, bins that show nothing are left out, and what remains is compared
/// with the phase of the model, and with even spacing.
struct RingEvidence {
    /// Correlation of phases with the model, −1…1.
    private(set) var model = 0.0
    /// The best that rings evenly spaced in frequency come to, of any spacing and phase.
    private(set) var even = 0.0
    /// Rings that stand out of the noise.
    private(set) var rings = 0.0
    /// The model's rings against noise, in standard deviations.
    private(set) var significance = 0.0
    /// The same without the three strongest of eight directions: a streak has nothing left then.
    private(set) var elsewhere = 0.0

    static let nothing = "No Thon rings stand out of the noise."

    /// Why the rings should not be taken for a lens's, a sentence for the operator; nil where nothing speaks against them.
    var doubt: String? {
        // The best of all fits to noise comes to about five deviations; imperfect backgrounds and borders to more.
        if significance < 9 || rings < 1.2 { return Self.nothing }
        if elsewhere < 5 { return "The spectrum has streaks in some directions, as edges make them, but no rings all around." }
        if model < even {
            return "The spectrum's rings are evenly spaced, as particles of one size make them, not as a lens does."
        }
        if model < 0.5 { return "The spectrum has rings, but no defocus explains them." }
        return nil
    }

    /// Bins `range` are looked at; `oversampling` as the spectrum has it.
    init(_ bins: EquiphaseBins, range: Range<Int>, oversampling: Double) {
        guard range.count > 8 else { return }
        let strengths = Self.strengths(bins, range, oversampling)
        let widths = bins.ringWidths
        let powers = Self.localPowers(strengths, widths: range.map { widths[$0] })
        let weights = powers.map { max(0, 1 - 2.5 / max($0, 1e-9)) }
        let total = weights.reduce(0, +)
        let even = zip(strengths, powers).map { $1 > 0 ? $0 / $1.squareRoot() : 0 }
        let phases = range.map { bins.phase($0) }
        for i in strengths.indices {
            model -= weights[i] * even[i] * cos(2 * .pi * phases[i])
            rings += weights[i] / widths[range.lowerBound + i]
        }
        significance = Self.significance(bins, range, oversampling: oversampling)
        elsewhere = Self.significanceElsewhere(bins, range) / oversampling
        guard total > 0 else { return }
        model *= 2.0.squareRoot() / total
        self.even = Self.bestEvenSpacing(zip(even, weights).map { $0 * $1 }, total: total, widest: widths[range.lowerBound])
    }

    /// The model's rings against noise, in standard deviations.
    static func significance(_ bins: EquiphaseBins, _ range: Range<Int>, oversampling: Double) -> Double {
        var (product, square) = (0.0, 0.0)
        for (strength, bin) in zip(strengths(bins, range, oversampling), range) {
            let wave = -cos(2 * .pi * bins.phase(bin))
            product += strength * wave
            square += wave * wave
        }
        return square > 0 ? product / square.squareRoot() : 0
    }

    /// What each bin shows, in standard deviations.
    private static func strengths(_ bins: EquiphaseBins, _ range: Range<Int>, _ oversampling: Double) -> [Double] {
        range.map { bin in
            bins.deviations[bin] > 0
                ? Double(bins.means[bin]) * bins.counts[bin].squareRoot() / bins.deviations[bin] / oversampling : 0
        }
    }

    private static func significanceElsewhere(_ bins: EquiphaseBins, _ range: Range<Int>) -> Double {
        let waves = range.map { -cos(2 * .pi * bins.phase($0)) }
        let sectors = bins.sectors.map { sector in
            var (product, square) = (0.0, 0.0)
            for (wave, bin) in zip(waves, range) where bins.deviations[bin] > 0 {
                product += sector.sums[bin] / bins.deviations[bin] * wave
                square += sector.counts[bin] * wave * wave
            }
            return (product, square)
        }
        let weakest = sectors.sorted { $0.0 < $1.0 }.prefix(5)
        let square = weakest.reduce(0) { $0 + $1.1 }
        return square > 0 ? weakest.reduce(0) { $0 + $1.0 } / square.squareRoot() : 0
    }

    /// Mean square over a ring to either side.
    private static func localPowers(_ values: [Double], widths: [Double]) -> [Double] {
        values.indices.map { i in
            let half = min(values.count, max(3, Int(widths[i].rounded())))
            let window = max(0, i - half)...min(values.count - 1, i + half)
            return window.reduce(0) { $0 + values[$1] * values[$1] } / Double(window.count)
        }
    }

    private static func bestEvenSpacing(_ values: [Double], total: Double, widest: Double) -> Double {
        let count = values.count
        var best = 0.0
        // From one and a half rings over the range to one ring in four bins, in steps of an eighth of a ring.
        for eighths in 12...max(12, 2 * count) {
            let turn = 2 * Double.pi * Double(eighths) / 8 / Double(count)
            let (cosine, sine) = (cos(turn), sin(turn))
            // Horner's scheme for the sum of values·exp(i·turn·k).
            var (re, im) = (0.0, 0.0)
            for value in values.reversed() { (re, im) = (re * cosine - im * sine + value, re * sine + im * cosine) }
            best = max(best, re * re + im * im)
        }
        return best.squareRoot() * 2.0.squareRoot() / total
    }
}
