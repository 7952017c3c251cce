import Glibc

/// Finds defocus and astigmatism from the Thon rings of one image.
public enum CTFEstimate {
    /// Below this score, or without agreement to `poorResolution` Å, there is nothing to believe.
    private static let leastScore = 0.05
    /// Pixels; below them a few grains of noise make rings.
    private static let smallest = 96
    private static let poorResolution = 15.0
    /// Where rings get too narrow before this many Å, a larger spectrum is tried.
    private static let wantedResolution = 5.0

    /// Fits an aligned average (not dose-weighted: that damps the rings).
    public static func measure(_ image: Image, settings: CTFSettings) -> CTFOutcome {
        measure(PowerSpectrum(of: image, pixelSize: settings.pixelSize), of: image, settings: settings)
    }

    /// With the spectrum at hand that `PowerSpectrum(of: image, pixelSize:)` made.
    public static func measure(_ spectrum: PowerSpectrum, of image: Image, settings: CTFSettings) -> CTFOutcome {
        guard min(image.width, image.height) >= smallest else {
            return .noFit(reason: "The image is too small to show Thon rings.")
        }
        let first = fit(spectrum, settings: settings)
        guard case .fit(let result, let aliasedBelow) = first, aliasedBelow > wantedResolution,
            result.fitResolution <= aliasedBelow * 1.01, min(image.width, image.height) >= 2 * spectrum.size
        else { return first.outcome }
        let larger = PowerSpectrum(of: image, pixelSize: settings.pixelSize, size: spectrum.size * 2)
        guard case .fit(let finer, _) = fit(larger, settings: settings), finer.score > 0 else { return first.outcome }
        return .fit(finer)
    }

    private enum Attempt {
        case fit(CTFResult, aliasedBelow: Double)
        case none(reason: String)

        var outcome: CTFOutcome {
            switch self {
            case .fit(let result, _): .fit(result)
            case .none(let reason): .noFit(reason: reason)
            }
        }
    }

    private static func fit(_ spectrum: PowerSpectrum, settings: CTFSettings) -> Attempt {
        let finest = max(settings.finest, 2 * spectrum.pixelSize / 0.95)
        guard finest * 2 < settings.coarsest else {
            return .none(reason: "The pixels are too coarse to show Thon rings.")
        }
        let flat = FlattenedSpectrum(spectrum, lowest: 1 / settings.coarsest)
        let score = CTFScore(flat, settings: settings, finest: finest)
        let radial = CTFScore(radial: flat, settings: settings, finest: finest)
        let peak = refine(candidates(radial, settings: settings), score: score)
        // The best of thousands of fits to noise comes to about four deviations of a single one.
        let noise = 5 * spectrum.oversampling / Double(max(score.count, 1)).squareRoot()
        return judge(peak, flat: flat, settings: settings, leastScore: max(leastScore, noise))
    }

    /// The best peaks of the search along the radial average.
    private static func candidates(_ radial: CTFScore, settings: CTFSettings) -> [Double] {
        let tried = Array(stride(from: settings.defocus.lowerBound, through: settings.defocus.upperBound, by: 50))
        let scores = tried.map { radial.value(mean: $0) }
        let peaks = tried.indices.filter { i in
            (i == 0 || scores[i] >= scores[i - 1]) && (i + 1 == tried.count || scores[i] > scores[i + 1])
        }
        return peaks.sorted { scores[$0] > scores[$1] }.prefix(6).map { tried[$0] }
    }

    /// Climbs in mean defocus and the vector of the doubled angle, which has no seam at zero astigmatism.
    ///
    /// Each candidate begins round and at six directions of astigmatism, little and much: strong astigmatism washes the radial average out.
    private static func refine(_ candidates: [Double], score: CTFScore) -> Simplex.Peak {
        let starts = candidates.flatMap(Self.starts)
        let value = { (p: [Double]) in score.value(mean: p[0], x: p[1], y: p[2]) }
        let promising = starts.map { Simplex.Peak(point: $0, value: value($0)) }.sorted { $0.value > $1.value }.prefix(6)
        let climbed = promising.map {
            Simplex.climb(from: $0.point, steps: [100, 120, 120], tolerance: 20, limit: 60, value)
        }
        let best = climbed.max { $0.value < $1.value }!
        return Simplex.climb(from: best.point, steps: [40, 40, 40], tolerance: 0.5, value)
    }

    private static func starts(around mean: Double) -> [[Double]] {
        var starts = [[mean, 0, 0]]
        for half in [150.0, 500.0] {
            for direction in 0..<6 {
                let doubled = Double(direction) * Double.pi / 3
                starts.append([mean, half * cos(doubled), half * sin(doubled)])
            }
        }
        return starts
    }

    private static func judge(_ peak: Simplex.Peak, flat: FlattenedSpectrum, settings: CTFSettings, leastScore: Double) -> Attempt
    {
        let model = settings.model(mean: peak.point[0], x: peak.point[1], y: peak.point[2])
        guard model.defocusV > 0, settings.defocus.contains(model.meanDefocus) else {
            return .none(reason: "The best fit lies outside the defocus range that was searched.")
        }
        let agreement = CTFAgreement(flat, model: model, settings: settings)
        guard peak.value >= leastScore else { return .none(reason: "No Thon rings stand out of the noise.") }
        guard let resolution = agreement.fitResolution, resolution <= poorResolution else {
            return .none(reason: "No fit follows the spectrum for more than a ring.")
        }
        let result = CTFResult(
            defocusU: model.defocusU, defocusV: model.defocusV, angle: degrees(model.angle), fitResolution: resolution,
            score: peak.value, profile: agreement.profile)
        return .fit(result, aliasedBelow: agreement.aliasedBelow)
    }

    /// In (−90, 90].
    private static func degrees(_ radians: Double) -> Double {
        let angle = radians * 180 / .pi
        return angle <= -90 ? angle + 180 : angle
    }
}
