import Glibc

/// Fits one spectrum: finds rings, and says whether they can be believed.
struct CTFFit {
    private let flat: FlattenedSpectrum
    private let score: CTFScore
    private let image: Image
    private let settings: CTFSettings
    /// Å.
    private let finest: Double
    /// The pixels that are fitted, by distance from the middle.
    private let range: Range<Int>
    private let oversampling: Double

    /// Standard deviations of rings in the weaker directions: borders of things do not come near it.
    private static let plain = 25.0
    /// Å. Fits that do not reach it say nothing.
    private static let poorResolution = 15.0
    /// Å. Where rings get too narrow before this, a larger spectrum is worth its time.
    private static let wantedResolution = 5.0

    /// Nil where pixels are too coarse to show rings.
    init?(_ spectrum: PowerSpectrum, of image: Image, settings: CTFSettings) {
        finest = settings.finest(of: spectrum)
        guard finest * 2 < settings.coarsest else { return nil }
        self.image = image
        self.settings = settings
        flat = FlattenedSpectrum(spectrum, lowest: 1 / settings.coarsest)
        range = settings.range(of: spectrum)
        score = CTFScore(flat, settings: settings, finest: finest)
        oversampling = spectrum.oversampling
    }

    /// The best of all places: mean defocus and half the astigmatism as a vector of the doubled angle, Å.
    func search() -> [Double] {
        let rough = CTFSearch.everywhere(flat, score: score, settings: settings, finest: finest)
        return CTFSearch.near(rough.point, score: score).point
    }

    /// Whether a larger spectrum would show rings of this defocus that this one cannot.
    func wantsFinerBins(at point: [Double]) -> Bool {
        let widths = settings.model(point).ringWidths(step: flat.step, count: flat.residual.width / 2)
        return 1 / (Double(CTFAgreement.aliasingLimit(widths, from: max(2, range.lowerBound))) * flat.step)
            > Self.wantedResolution
    }

    /// Climbs from a place that a search gave, with every frequency weighed by its rings there.
    func outcome(near place: [Double]) -> CTFOutcome {
        let weights = RingStrength.weights(EquiphaseBins(flat, model: settings.model(place)), from: range.lowerBound)
        let point = CTFSearch.near(place, score: score.weighted(by: weights, step: flat.step)).point
        let model = settings.model(point)
        guard model.defocusV > 0 else { return .noFit(reason: RingEvidence.nothing) }
        let bins = EquiphaseBins(flat, model: model)
        if let doubt = doubt(bins, model) { return .noFit(reason: doubt) }
        let agreement = CTFAgreement(bins, settings: settings)
        guard let resolution = agreement.fitResolution, resolution <= Self.poorResolution else {
            return .noFit(reason: "No fit follows the spectrum for more than a ring.")
        }
        let absolute = CTFScore(flat.absolute, settings: settings, finest: finest)
        return .fit(
            CTFResult(
                defocusU: model.defocusU, defocusV: model.defocusV, angle: Self.degrees(model.angle), fitResolution: resolution,
                score: absolute.value(point), profile: agreement.profile, aliasedBelow: agreement.aliasedBelow))
    }

    /// Why the rings should not be taken for a lens's.
    private func doubt(_ bins: EquiphaseBins, _ model: CTFModel) -> String? {
        let evidence = RingEvidence(bins, range: range, oversampling: oversampling)
        if let doubt = evidence.doubt { return doubt }
        guard settings.defocus.contains(model.meanDefocus) else {
            return "The best fit lies outside the defocus range that was searched."
        }
        guard evidence.elsewhere < Self.plain else { return nil }
        return RingPlaces.evidence(in: image, for: model, settings: settings) < RingPlaces.least ? RingPlaces.doubt : nil
    }

    /// In (−90, 90].
    private static func degrees(_ radians: Double) -> Double {
        let angle = radians * 180 / .pi
        return angle <= -90 ? angle + 180 : angle
    }
}

extension CTFSettings {
    /// Å, the finest detail of a spectrum that is fitted: not its outermost pixels.
    func finest(of spectrum: PowerSpectrum) -> Double { max(finest, 2 * spectrum.pixelSize / 0.95) }

    /// The pixels of a spectrum that are fitted, by distance from the middle.
    func range(of spectrum: PowerSpectrum) -> Range<Int> {
        let first = Int((1 / coarsest / spectrum.step).rounded(.up))
        return first..<max(first, Int(1 / finest(of: spectrum) / spectrum.step))
    }
}
