/// Coordinates, as short as they may be.
enum SVGNumber {
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "-" : "")\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)")"
    }
}
