import Glibc

/// How far out a fit follows the rings.
///
/// Pixels are averaged where they have equal phase on the fitted model (the equi-phase average of Rohou and
/// Grigorieff), so astigmatism is unrolled; then measured and fitted rings are correlated in a sliding window.
struct CTFAgreement {
    let profile: CTFProfile
    /// Å; nil where measured and fitted rings never agree.
    let fitResolution: Double?
    /// Å beyond which rings are narrower than the spectrum's pixels can hold.
    let aliasedBelow: Double

    init(_ bins: EquiphaseBins, settings: CTFSettings) {
        let step = bins.step
        let curve = (0..<bins.means.count).map { Float(abs(bins.ring.value(frequency: Double($0) * step, direction: 0))) }
        let widths = bins.ringWidths
        let first = max(2, Int((1 / settings.coarsest / step).rounded(.up)))
        let agreement = Self.correlation(bins.means, curve, widths: widths, from: first)
        let limit = Self.aliasingLimit(widths, from: first)
        aliasedBelow = 1 / (Double(limit) * step)
        let end = Self.lastAgreeing(agreement, from: first)
        fitResolution = end.map { 1 / (Double(min($0, limit)) * step) }
        profile = CTFProfile(
            frequency: (first..<curve.count).map { Float(Double($0) * step) },
            measured: Array(Self.matched(bins.means, to: curve, widths: widths)[first...]),
            fitted: Array(curve[first...]), agreement: Array(agreement[first...]))
    }

    /// The first frequency at which rings are too narrow.
    static func aliasingLimit(_ widths: [Double], from first: Int) -> Int {
        widths.indices.first { $0 > first && widths[$0] < 4 } ?? widths.count - 1
    }

    private static func window(_ bin: Int, widths: [Double]) -> ClosedRange<Int> {
        let half = max(widths.count / 40, Int((1.5 * widths[bin]).rounded()))
        return max(0, bin - half)...min(widths.count - 1, bin + half)
    }

    private static func correlation(_ measured: [Float], _ fitted: [Float], widths: [Double], from first: Int) -> [Float] {
        measured.indices.map { bin in
            guard bin >= first else { return 0 }
            let range = window(bin, widths: widths).clamped(to: first...measured.count - 1)
            return pearson(measured[range], fitted[range])
        }
    }

    private static func pearson(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
        let n = Float(a.count)
        let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var (ab, aa, bb): (Float, Float, Float) = (0, 0, 0)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }

    /// CTFFIND's rule: the fit ends where agreement was over 0.66 for more than three bins and now is below 0.5, or was
    /// over 0.1 for more than three and now is not.
    private static func lastAgreeing(_ agreement: [Float], from first: Int) -> Int? {
        var (good, some) = (0, 0)
        var best: Float = -1
        for bin in max(first, agreement.count / 10)..<agreement.count {
            let value = agreement[bin]
            if (good > 3 && value < 0.5) || (some > 3 && value < 0.1) { return best > 0.5 ? bin : nil }
            best = max(best, value)
            if value > 0.66 { good += 1 }
            if value > 0.1 { some += 1 }
        }
        return best > 0.5 ? agreement.count - 1 : nil
    }

    /// The measured curve brought to the fitted one's mean and height around each bin, for drawing.
    private static func matched(_ measured: [Float], to fitted: [Float], widths: [Double]) -> [Float] {
        measured.indices.map { bin in
            let range = window(bin, widths: widths)
            let (a, b) = (ImageStatistics(of: Array(measured[range])), ImageStatistics(of: Array(fitted[range])))
            guard a.standardDeviation > 0 else { return Float(b.mean) }
            let value = b.mean + (Double(measured[bin]) - a.mean) / a.standardDeviation * b.standardDeviation
            return Float(min(max(value, -0.5), 1.5))
        }
    }
}
