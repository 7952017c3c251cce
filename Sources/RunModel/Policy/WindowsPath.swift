/// Whether a folder can bear its name on a microscope's computer, as SerialEM is told of it.
public enum WindowsPath {
    /// A part of a path that would be another one there.
    public struct Problem: Hashable, Sendable {
        public let part: String
        public let reason: String
        public var sentence: String { "\(part) cannot be a folder on the microscope's computer: \(reason)." }
    }

    /// Of the first part that has one. A drive or a server in front is no name.
    public static func problem(in path: String) -> Problem? {
        let hasDrive = path.dropFirst().first == ":" && path.first?.isLetter == true
        let parts = (hasDrive ? path.dropFirst(2) : path[...]).split { $0 == "\\" || $0 == "/" }
        return parts.lazy.compactMap { part in reason(against: String(part)).map { Problem(part: String(part), reason: $0) } }
            .first
    }

    private static func reason(against name: String) -> String? {
        // Names go to SerialEM as UTF-8, and it reads them in its computer's code page. Only these letters are the same in all of them.
        if let letter = name.first(where: { !$0.isASCII }) { return "SerialEM would read \(letter) as other letters" }
        if let sign = name.first(where: forbidden.contains) { return "Windows allows no \(sign) in a name" }
        if name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            return "Windows allows no control characters in a name"
        }
        if name.last == "." || name.last == " " { return "Windows leaves out a dot or a blank at the end" }
        let base = name.prefix { $0 != "." }.uppercased()
        return devices.contains(base) ? "Windows keeps that name for a device" : nil
    }

    private static let forbidden: Set<Character> = ["<", ">", ":", "\"", "|", "?", "*"]
    private static let devices = Set(["CON", "PRN", "AUX", "NUL"] + (1...9).flatMap { ["COM\($0)", "LPT\($0)"] })
}
