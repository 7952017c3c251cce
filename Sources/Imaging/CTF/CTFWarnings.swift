import RunModel

extension CTFEstimate {
    /// Å. More astigmatism than a tuned microscope has.
    private static let muchAstigmatism = 1_000.0
    /// Å from an end of the searched range: a fit this near may be held there by the range only.
    private static let nearLimit = 150.0

    /// For a fit that another program made; Å.
    public static func warnings(ofAstigmatism astigmatism: Double) -> [ImageWarning] {
        astigmatism > muchAstigmatism ? [.astigmatism] : []
    }

    /// What a person should know before trusting the image: `iceRing` as `IceRing.ratio(of:)` gave it, told without a fit too.
    public static func warnings(of outcome: CTFOutcome, iceRing: Double?, settings: CTFSettings) -> [ImageWarning] {
        var warnings: [ImageWarning] = []
        if let iceRing, iceRing >= IceRing.warns { warnings.append(.iceRing) }
        guard let result = outcome.result else { return warnings }
        warnings += Self.warnings(ofAstigmatism: result.astigmatism)
        let ends = [settings.defocus.lowerBound, settings.defocus.upperBound]
        if ends.contains(where: { abs(result.meanDefocus - $0) < nearLimit }) { warnings.append(.searchLimit) }
        if result.aliasedBelow > settings.finest, result.fitResolution <= result.aliasedBelow * 1.01 {
            warnings.append(.aliasing)
        }
        return warnings
    }
}
