import Foundation

/// Dates as the wire has them: ISO 8601, UTC, milliseconds, `2026-11-22T21:06:42.123Z`.
///
/// By hand, since it is in every event: Foundation's formatter takes fifty times as long.
public enum UTCTime {
    /// The text of a date, rounded to the millisecond; nil outside the years 0 to 9999.
    public static func text(of date: Date) -> String? {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        guard milliseconds >= -62_167_219_200_000, milliseconds < 253_402_300_800_000 else { return nil }
        let (days, inDay) = Int(milliseconds).flooredDivision(by: 86_400_000)
        let (year, month, day) = civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func put(_ value: Int, _ width: Int, _ after: Character) {
            var divisor = [1, 10, 100, 1000][width - 1]
            while divisor > 0 {
                text.append(UInt8(48 + value / divisor % 10))
                divisor /= 10
            }
            text.append(after.asciiValue ?? 0)
        }
        put(year, 4, "-")
        put(month, 2, "-")
        put(day, 2, "T")
        put(inDay / 3_600_000, 2, ":")
        put(inDay / 60_000 % 60, 2, ":")
        put(inDay / 1000 % 60, 2, ".")
        put(inDay % 1000, 3, "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// The date of a text; nil unless it is a real day and time in UTC. The fraction may have up to nine digits, or be missing.
    public static func date(from text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        for (place, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] where bytes[place] != mark.utf8.first {
            return nil
        }
        guard let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            let fraction = fraction(bytes[19..<(bytes.count - 1)]),
            hour < 24, minute < 60, second < 60, 1...12 ~= month
        else { return nil }
        let days = days(fromCivil: year, month, day)
        guard civil(fromDays: days) == (year, month, day) else { return nil }
        return Date(timeIntervalSince1970: Double(days * 86_400 + hour * 3600 + minute * 60 + second) + fraction)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(Optional(0)) { sum, digit in
            guard let sum, 48...57 ~= digit else { return nil }
            return sum * 10 + Int(digit - 48)
        }
    }

    private static func fraction(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard let point = bytes.first else { return 0 }
        guard point == UInt8(ascii: "."), 2...10 ~= bytes.count, let digits = number(bytes.dropFirst()) else { return nil }
        return Double(digits) / [10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9][bytes.count - 2]
    }

    // Both ways count in eras of 400 years that begin on 1 March, so that the leap day comes last.
    private static func civil(fromDays days: Int) -> (Int, Int, Int) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(fromCivil year: Int, _ month: Int, _ day: Int) -> Int {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int {
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
