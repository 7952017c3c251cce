/// What SerialEM says, as an operator reads it.
enum SerialEMWords {
    /// SerialEM's words without the line of the script that it blames.
    static func sentence(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
        var sentence = lines.first ?? text
        for ending in [", in line:", " in line:", "in line:"] where sentence.hasSuffix(ending) {
            sentence.removeLast(ending.count)
        }
        while let last = sentence.last, ".,: ".contains(last) { sentence.removeLast() }
        return sentence.asLogged
    }
}

extension String {
    /// A peer's words as they may stand in logs and on pages: one line, and not without end.
    var asLogged: String {
        String(
            prefix(300).map {
                $0.isNewline || $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0
            })
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
