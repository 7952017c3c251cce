import RunModel

/// Numbers as the pages write them: a true minus sign, commas between thousands, units always.
enum ReportNumber {
    /// `−1.42`. What is no number, or beyond any that is measured, is unknown.
    static func text(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "Unknown" }
        let power = (0..<digits).reduce(1) { power, _ in power * 10 }
        let scaled = Int((abs(value) * Double(power)).rounded())
        let fraction = String(scaled % power)
        let padded = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
        return "\(value < 0 && scaled > 0 ? "−" : "")\(scaled / power)\(digits > 0 ? ".\(padded)" : "")"
    }

    /// `2,418`.
    static func count(_ number: Int) -> String {
        var groups: [String] = []
        var rest = number.magnitude
        while rest >= 1000 {
            let group = String(rest % 1000)
            groups.insert(String(repeating: "0", count: 3 - group.count) + group, at: 0)
            rest /= 1000
        }
        return (number < 0 ? "−" : "") + ([String(rest)] + groups).joined(separator: ",")
    }

    /// `1 hole`, `2,418 holes`.
    static func plural(_ number: Int, _ one: String) -> String { "\(count(number)) \(one)\(number == 1 ? "" : "s")" }

    /// `83 %`, and never 100 % of what is not all.
    static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "None" }
        return "\(part * 100 / whole) %"
    }

    /// `52 s`, `16 min`, `3 h 32 min`.
    static func duration(_ seconds: Double) -> String {
        let whole = max(0, Int(clamping: seconds))
        if whole < 60 { return "\(whole) s" }
        let minutes = (whole + 30) / 60
        if minutes < 60 { return "\(minutes) min" }
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }

    /// Nil for none.
    static func median(_ numbers: [Double]) -> Double? {
        guard !numbers.isEmpty else { return nil }
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension FacilityZone {
    /// `2026-11-22 21:06:42 +01:00`: of two hours with the same name the offset tells which one.
    func stamp(_ moment: Timestamp) -> String {
        let text = text(of: moment)
        return "\(text.prefix(19)) \(text.suffix(6))"
    }
}
