import Glibc

/// One argument of a SerialEM command. Both forms travel: which one a command looks at is its own affair.
public struct SerialEMArgument: Hashable, Sendable {
    public var number: Double
    public var text: String

    /// As a server received it.
    public init(number: Double, text: String) {
        self.number = number
        self.text = text
    }

    public static func integer(_ value: Int) -> Self { Self(number: Double(value), text: "\(value)") }

    /// Six decimals with trailing zeros removed, the point kept, as SerialEM's own module writes it: `1.`, `0.123457`, `-0.`.
    public static func real(_ value: Double) -> Self {
        var text = value.withSixDecimals
        while text.hasSuffix("0") { text.removeLast() }
        return Self(number: value, text: text)
    }

    /// The number beside a text is what C's `atof` makes of it: 0 for words.
    public static func text(_ value: String) -> Self { Self(number: strtod(value, nil), text: value) }

    /// Empty items count as left out.
    public var isEmpty: Bool { text.isEmpty }
}

extension Double {
    /// `printf("%f")`: a number that is not finite, or too long for any command, is written as 0.
    fileprivate var withSixDecimals: String {
        guard isFinite, abs(self) < 1e15 else { return "0.000000" }
        var buffer = [CChar](repeating: 0, count: 32)
        let count = withVaList([self]) { vsnprintf(&buffer, buffer.count, "%f", $0) }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// One value that a command reports.
public enum SerialEMValue: Hashable, Sendable {
    case number(Double)
    case text(String)
}
