import RunModel

/// What SerialEM says, as an operator reads it.
enum SerialEMWords {
    /// SerialEM's words without their frame, and without the line of the script that it blames; empty where that is all there is.
    static func sentence(_ text: String) -> String {
        var words: [String] = []
        var isScriptLine = false
        for line in text.split(whereSeparator: \.isNewline).map(\.trimmed) where !line.isEmpty && !isFrame(line) {
            guard !isScriptLine else {
                isScriptLine = false
                continue
            }
            let rest = withoutBlame(line)
            isScriptLine = rest != nil
            words.append(rest ?? line)
        }
        var sentence = words.filter { !$0.isEmpty }.joined(separator: " ")
        while let last = sentence.last, ".,:; ".contains(last) { sentence.removeLast() }
        return sentence.asLogged
    }

    private static func isFrame(_ line: String) -> Bool {
        (line.hasPrefix("SCRIPT ") && line.hasSuffix("WITH THIS MESSAGE:")) || line.allSatisfy { $0 == "*" || $0 == " " }
    }

    /// What stands before "in line:" and the like, which the script's own line follows; nil where a line does not end so.
    private static func withoutBlame(_ line: String) -> String? {
        endings.first { line.hasSuffix($0) }.map { ending in
            var rest = line.dropLast(ending.count)
            while let last = rest.last, ", ".contains(last) { rest.removeLast() }
            return String(rest)
        }
    }

    private static let endings = [
        "in script line:", "in line:", "for line:", "before line:", "in statement:", "for statement:", " for:", " in:", " with:",
    ]
}

extension String {
    /// A peer's words as they may stand in logs and on pages: one line, and not without end.
    var asLogged: String {
        let line = String(
            prefix(300).map {
                $0.isNewline || $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0
            })
        // A letter may have marks without end.
        return ForeignText.line(line, longest: 1200)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
