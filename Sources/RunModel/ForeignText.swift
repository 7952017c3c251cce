/// Texts of other programs: answers of a microscope, files that stand beside its images.
///
/// Two texts are equal to Swift when they look equal, and to compare or hash one it puts the combining marks of each letter in order, which
/// takes the square of their number. No writing has more than thirty on a letter (UAX 15); what goes beyond is left out.
public enum ForeignText {
    public static let mostMarks = 30

    /// What is not UTF-8 becomes the replacement character.
    public static func decode(_ bytes: some Collection<UInt8>) -> String { plain(String(decoding: bytes, as: UTF8.self)) }

    public static func plain(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        var (kept, marks) = (String.UnicodeScalarView(), 0)
        for scalar in text.unicodeScalars {
            marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
            if marks <= mostMarks { kept.append(scalar) }
        }
        return String(kept)
    }

    /// One line that every terminal shows in the order in which it is written, of so many scalars at the most.
    public static func line(_ text: String, longest: Int) -> String {
        if text.utf8.count <= longest, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longest) { line.append(scalar.isShownInPlace ? scalar : "\u{FFFD}") }
        return plain(String(line))
    }
}

extension Unicode.Scalar {
    /// Not so: line ends, controls, and what turns the direction of writing or has no width.
    fileprivate var isShownInPlace: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}
