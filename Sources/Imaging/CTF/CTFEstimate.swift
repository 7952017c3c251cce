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
        let first = CTFFit(spectrum, settings: settings)
        guard first.wantsFinerBins, min(image.width, image.height) >= 2 * spectrum.size else { return first.outcome }
        let larger = PowerSpectrum(of: image, pixelSize: settings.pixelSize, size: spectrum.size * 2)
        let second = CTFFit(larger, settings: settings, near: first.isBelievable ? first.point : nil)
        return second.isBelievable || !first.isBelievable ? second.outcome : first.outcome
    }
}
