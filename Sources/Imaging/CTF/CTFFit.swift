import Glibc

/// One fit to one spectrum, and whether it can be believed.
struct CTFFit {
    /// Mean defocus and half the astigmatism as a vector of the doubled angle, Å; the best there was, believed or not.
    private(set) var point: [Double] = []
    private(set) var outcome: CTFOutcome
    /// Å beyond which rings of this defocus are too narrow for the spectrum's pixels.
    private(set) var aliasedBelow = 0.0
    private(set) var evidence: RingEvidence?

    var isBelievable: Bool { outcome.result != nil }
    /// A larger spectrum would show rings that this one cannot.
    var wantsFinerBins: Bool { aliasedBelow > Self.wantedResolution }

    /// Å. Fits that do not reach it say nothing.
    private static let poorResolution = 15.0
    /// Å. Where rings get too narrow before this, a larger spectrum is worth its time.
    private static let wantedResolution = 5.0

    /// Searches everywhere, or only near a point that a smaller spectrum gave.
    init(_ spectrum: PowerSpectrum, settings: CTFSettings, near start: [Double]? = nil) {
        let finest = max(settings.finest, 2 * spectrum.pixelSize / 0.95)
        guard finest * 2 < settings.coarsest else {
            outcome = .noFit(reason: "The pixels are too coarse to show Thon rings.")
            return
        }
        let flat = FlattenedSpectrum(spectrum, lowest: 1 / settings.coarsest)
        let range = Int((1 / settings.coarsest / flat.step).rounded(.up))..<Int(1 / finest / flat.step)
        let score = CTFScore(flat, settings: settings, finest: finest)
        let rough = start ?? CTFSearch.everywhere(flat, score: score, settings: settings, finest: finest).point
        let even = CTFSearch.near(rough, score: score).point
        let weights = RingStrength.weights(EquiphaseBins(flat, model: settings.model(even)), from: range.lowerBound)
        point = CTFSearch.near(even, score: CTFScore(flat, settings: settings, finest: finest, weights: weights)).point
        let model = settings.model(point)
        guard model.defocusV > 0 else {
            outcome = .noFit(reason: RingEvidence.nothing)
            return
        }
        let bins = EquiphaseBins(flat, model: model)
        let evidence = RingEvidence(bins, range: range, oversampling: spectrum.oversampling)
        let agreement = CTFAgreement(bins, settings: settings)
        self.evidence = evidence
        aliasedBelow = agreement.aliasedBelow
        outcome = Self.judge(model, evidence, agreement, settings)
        if var result = outcome.result {
            result.score = CTFScore(flat.absolute, settings: settings, finest: finest).value(point)
            outcome = .fit(result)
        }
    }

    private static func judge(
        _ model: CTFModel, _ evidence: RingEvidence, _ agreement: CTFAgreement, _ settings: CTFSettings
    ) -> CTFOutcome {
        if let doubt = evidence.doubt { return .noFit(reason: doubt) }
        guard settings.defocus.contains(model.meanDefocus) else {
            return .noFit(reason: "The best fit lies outside the defocus range that was searched.")
        }
        guard let resolution = agreement.fitResolution, resolution <= poorResolution else {
            return .noFit(reason: "No fit follows the spectrum for more than a ring.")
        }
        return .fit(
            CTFResult(
                defocusU: model.defocusU, defocusV: model.defocusV, angle: degrees(model.angle), fitResolution: resolution,
                score: 0, profile: agreement.profile, aliasedBelow: agreement.aliasedBelow))
    }

    /// In (−90, 90].
    private static func degrees(_ radians: Double) -> Double {
        let angle = radians * 180 / .pi
        return angle <= -90 ? angle + 180 : angle
    }
}
