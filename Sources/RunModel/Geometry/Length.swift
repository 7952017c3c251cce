/// A length. µm and Å never meet as bare numbers.
public struct Length: Hashable, Comparable, Sendable {
    /// Kept in the unit that it is written in, so that what is read back is what was, to the last digit.
    public let micrometres: Double
    private init(micrometres: Double) { self.micrometres = micrometres }

    public static func ångströms(_ value: Double) -> Length { Length(micrometres: value / 10_000) }
    public static func nanometres(_ value: Double) -> Length { Length(micrometres: value / 1000) }
    public static func micrometres(_ value: Double) -> Length { Length(micrometres: value) }
    public static let zero = Length(micrometres: 0)

    public var nanometres: Double { micrometres * 1000 }
    public var ångströms: Double { micrometres * 10_000 }
    public var magnitude: Length { Length(micrometres: abs(micrometres)) }

    public static func < (left: Length, right: Length) -> Bool { left.micrometres < right.micrometres }
    public static func + (left: Length, right: Length) -> Length { Length(micrometres: left.micrometres + right.micrometres) }
    public static func - (left: Length, right: Length) -> Length { Length(micrometres: left.micrometres - right.micrometres) }
    public static func * (left: Length, factor: Double) -> Length { Length(micrometres: left.micrometres * factor) }
    public static func / (left: Length, right: Length) -> Double { left.micrometres / right.micrometres }
    public static prefix func - (length: Length) -> Length { Length(micrometres: -length.micrometres) }
}

/// Written in µm: the unit of stage, defocus and hole spacing on pages and in files.
extension Length: Codable {
    public init(from decoder: any Decoder) throws {
        self = .micrometres(try decoder.singleValueContainer().decode(Double.self))
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(micrometres)
    }
}
