/// A length. µm and Å never meet as bare numbers.
public struct Length: Hashable, Comparable, Sendable {
    public let ångströms: Double
    private init(ångströms: Double) { self.ångströms = ångströms }

    public static func ångströms(_ value: Double) -> Length { Length(ångströms: value) }
    public static func nanometres(_ value: Double) -> Length { Length(ångströms: value * 10) }
    public static func micrometres(_ value: Double) -> Length { Length(ångströms: value * 10_000) }
    public static let zero = Length(ångströms: 0)

    public var nanometres: Double { ångströms / 10 }
    public var micrometres: Double { ångströms / 10_000 }
    public var magnitude: Length { Length(ångströms: abs(ångströms)) }

    public static func < (left: Length, right: Length) -> Bool { left.ångströms < right.ångströms }
    public static func + (left: Length, right: Length) -> Length { Length(ångströms: left.ångströms + right.ångströms) }
    public static func - (left: Length, right: Length) -> Length { Length(ångströms: left.ångströms - right.ångströms) }
    public static func * (left: Length, factor: Double) -> Length { Length(ångströms: left.ångströms * factor) }
    public static func / (left: Length, right: Length) -> Double { left.ångströms / right.ångströms }
    public static prefix func - (length: Length) -> Length { Length(ångströms: -length.ångströms) }
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
