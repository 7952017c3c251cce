import Imaging

/// What CTFFIND writes about one micrograph.
struct CTFTable: Equatable {
    /// Å, and degrees from +x to the first.
    var defocus1: Double
    var defocus2: Double
    var angle: Double
    var score: Double
    /// Å; nil where no ring was fitted.
    var fitResolution: Double?

    private static let largestDefocus = 1e8

    /// Remarks begin with `#`; a line is number, defocus 1 and 2 (Å), azimuth (degrees), phase shift, score, fit resolution (Å), and more in
    /// newer versions. The last line counts.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            line.first { !$0.isWhitespace }.map { $0 != "#" } ?? false
        }
        guard let words = lines.last?.split(whereSeparator: \.isWhitespace), words.count >= 7 else { return nil }
        let numbers = words.prefix(7).compactMap { Double($0) }
        guard numbers.count == 7, numbers.prefix(6).allSatisfy(\.isFinite), !numbers[6].isNaN else { return nil }
        // Beyond a centimetre it is no defocus.
        guard numbers[1...2].allSatisfy({ $0.magnitude <= Self.largestDefocus }) else { return nil }
        (defocus1, defocus2, angle, score) = (numbers[1], numbers[2], numbers[3], numbers[5])
        fitResolution = numbers[6].isFinite && numbers[6] > 0 ? numbers[6] : nil
    }
}
