/// Finds defocus and astigmatism from the Thon rings of one image.
public enum CTFEstimate {
    /// Pixels; below them a few grains of noise make rings.
    private static let smallest = 96

    /// Fits an aligned average (not dose-weighted: that damps the rings).
    public static func measure(_ image: Image, settings: CTFSettings) -> CTFOutcome {
        measure(PowerSpectrum(of: image, pixelSize: settings.pixelSize), of: image, settings: settings)
    }

    /// With the spectrum at hand that `PowerSpectrum(of: image, pixelSize:)` made.
    public static func measure(_ spectrum: PowerSpectrum, of image: Image, settings: CTFSettings) -> CTFOutcome {
        guard min(image.width, image.height) >= smallest else {
            return .noFit(reason: "The image is too small to show Thon rings.")
        }
        guard let fit = CTFFit(spectrum, of: image, settings: settings) else {
            return .noFit(reason: "The pixels are too coarse to show Thon rings.")
        }
        let place = fit.search()
        guard fit.wantsFinerBins(at: place), min(image.width, image.height) >= 2 * spectrum.size else {
            return fit.outcome(near: place)
        }
        let larger = PowerSpectrum(of: image, pixelSize: settings.pixelSize, size: spectrum.size * 2)
        guard let finer = CTFFit(larger, of: image, settings: settings) else { return fit.outcome(near: place) }
        return outcome(of: finer, or: fit, near: place)
    }

    /// Mostly the smaller spectrum led to the right place: a whole search of the larger one takes longer than all the rest.
    private static func outcome(of finer: CTFFit, or fit: CTFFit, near place: [Double]) -> CTFOutcome {
        let fine = finer.outcome(near: place)
        if fine.result != nil { return fine }
        let coarse = fit.outcome(near: place)
        return coarse.result != nil ? coarse : finer.outcome(near: finer.search())
    }
}
