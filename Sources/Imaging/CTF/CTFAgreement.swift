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

    init(_ flat: FlattenedSpectrum, model: CTFModel, settings: CTFSettings) {
        let bins = EquiphaseBins(flat, model: model)
        let step = flat.step
        let curve = (0..<bins.means.count).map { Float(abs(bins.ring.value(frequency: Double($0) * step, direction: 0))) }
        let widths = Self.ringWidths(bins.ring, step: step, count: curve.count)
        let first = max(2, Int((1 / settings.coarsest / step).rounded(.up)))
        let agreement = Self.correlation(bins.means, curve, widths: widths, from: first)
        let limit = widths.indices.first { $0 > first && widths[$0] < 4 } ?? curve.count - 1
        aliasedBelow = 1 / (Double(limit) * step)
        let end = Self.lastAgreeing(agreement, from: first)
        fitResolution = end.map { 1 / (Double(min($0, limit)) * step) }
        profile = CTFProfile(
            frequency: (first..<curve.count).map { Float(Double($0) * step) },
            measured: Array(Self.matched(bins.means, to: curve, widths: widths)[first...]),
            fitted: Array(curve[first...]), agreement: Array(agreement[first...]))
    }

    /// Bins from one zero of the transfer to the next, at each bin.
    private static func ringWidths(_ ring: CTFModel, step: Double, count: Int) -> [Double] {
        (0..<count).map { bin in
            let g = Double(bin) * step
            let slope = 2 * ring.wavelength * g * (ring.defocusU - ring.wavelength * ring.wavelength * ring.cs * g * g)
            return slope > 0 ? min(Double(count), 1 / slope / step) : Double(count)
        }
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

/// Averages along lines of equal phase, filed by the frequency at which a model without astigmatism has that phase.
private struct EquiphaseBins {
    let means: [Float]
    /// The fit's mean defocus, without astigmatism.
    let ring: CTFModel

    init(_ flat: FlattenedSpectrum, model: CTFModel) {
        var ring = model
        ring.defocusU = model.meanDefocus
        ring.defocusV = model.meanDefocus
        self.ring = ring
        let middle = flat.residual.width / 2
        var sums = [Double](repeating: 0, count: middle)
        var counts = sums
        let (cos2, sin2) = (cos(2 * model.angle), sin(2 * model.angle))
        let half = (model.defocusU - model.defocusV) / 2
        for dy in 2..<middle {
            for dx in -middle + 1..<middle where abs(dx) > 1 {
                let square = Double(dx * dx + dy * dy)
                let aligned = (Double(dx * dx - dy * dy) * cos2 + Double(2 * dx * dy) * sin2) / square
                let g2 = Self.ringSquare(square * flat.step * flat.step, defocus: model.meanDefocus + half * aligned, ring: ring)
                let bin = Int((g2.squareRoot() / flat.step).rounded())
                guard bin < middle else { continue }
                sums[bin] += Double(flat.residual[middle + dx, middle + dy])
                counts[bin] += 1
            }
        }
        means = zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 }
    }

    /// The squared frequency u at which the ring model has the phase that defocus `defocus` gives at `g2`:
    /// D·u − ½λ²Cs·u² = Δf·g² − ½λ²Cs·g⁴, on the branch before the phase turns back.
    private static func ringSquare(_ g2: Double, defocus: Double, ring: CTFModel) -> Double {
        let c = 0.5 * ring.wavelength * ring.wavelength * ring.cs
        let phase = defocus * g2 - c * g2 * g2
        let root = ring.defocusU * ring.defocusU - 4 * c * phase
        guard root > 0, c > 0 else { return c > 0 ? g2 : phase / ring.defocusU }
        return (ring.defocusU - root.squareRoot()) / (2 * c)
    }
}
