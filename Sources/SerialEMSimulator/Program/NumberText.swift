import Glibc
import RunModel

extension Double {
    /// With so many digits after the point; what is no number is written as 0.
    func decimals(_ count: Int) -> String {
        let value = isFinite && abs(self) < 1e15 ? self : 0
        var buffer = [CChar](repeating: 0, count: 48)
        let length = withVaList([Int32(min(max(count, 0), 12)), value]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Up to so many digits after the point, without zeros at the end.
    func short(_ count: Int) -> String {
        var text = decimals(count)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}

/// A moment as the clock of the microscope's computer shows it, which stands on UTC.
struct WallTime: Sendable {
    let year: Int
    let month: Int
    let day: Int
    /// `hh:mm:ss`.
    let clock: String

    init(_ moment: Timestamp) {
        let text = Array(moment.description.utf8)
        // Always `yyyy-mm-ddThh:mm:ss.mmmZ`, as the tests of Timestamp hold.
        func digits(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        (year, month, day) = (Int(digits(0..<4)) ?? 1970, Int(digits(5..<7)) ?? 1, Int(digits(8..<10)) ?? 1)
        clock = digits(11..<19)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// As an autodoc has it.
    var autodoc: String { "\(twoDigits(day))-\(Self.months[(month - 1) % 12])-\(year)  \(clock)" }
    /// For the name of a file.
    var compact: String { "\(year)\(twoDigits(month))\(twoDigits(day))_\(clock.filter { $0 != ":" })" }
    var date: Int { year * 10_000 + month * 100 + day }
    var hourAndMinute: Int { Int(clock.prefix(5).filter { $0 != ":" }) ?? 0 }

    private func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
