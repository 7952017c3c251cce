/// A moment: milliseconds since 1970, UTC. Written as ISO 8601 with milliseconds.
///
/// Its own type because RunModel has no clock and no Foundation, and because text and number must agree to the last digit.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
    /// Seconds from `earlier` to this moment.
    public func seconds(since earlier: Timestamp) -> Double { (Double(milliseconds) - Double(earlier.milliseconds)) / 1000 }
    /// Nothing comes after the year 9999.
    public func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(milliseconds: Int64(clamping: Int(clamping: min(Double(milliseconds) + seconds * 1000, Self.last))))
    }
    private static let last = 253_402_300_799_999.0
}

extension Timestamp: CustomStringConvertible {
    public var description: String {
        let (days, inDay) = milliseconds.floorDivided(by: 86_400_000)
        let (year, month, day) = CivilDate.from(daysSince1970: days)
        let (hour, inHour) = inDay.floorDivided(by: 3_600_000)
        let (minute, inMinute) = inHour.floorDivided(by: 60_000)
        let (second, millisecond) = inMinute.floorDivided(by: 1000)
        return "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))T"
            + "\(hour.padded(2)):\(minute.padded(2)):\(second.padded(2)).\(millisecond.padded(3))Z"
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[23] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), let millisecond = number(20..<23),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        self.init(milliseconds: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millisecond)
        guard description == text else { return nil }
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let moment = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: "'\(text.prefix(40))' is not a UTC time with milliseconds"))
        }
        self = moment
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Days to dates and back in the proleptic Gregorian calendar, by counting in eras of 400 years from 1 March.
private enum CivilDate {
    static func from(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).floorDivided(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
    static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).floorDivided(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> (Int64, Int64) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
