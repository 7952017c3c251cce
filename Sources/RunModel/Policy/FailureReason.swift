/// Why something was not done, so that two failures can be told alike.
///
/// By the kind of the problem and not by its sentence, which names targets, files and figures that are others each time. Where the kind says
/// no more than who refused, the words count as well, without those that hold a figure, a path or the name of a file.
public struct FailureReason: Hashable, Sendable {
    public let code: String
    public let words: [Substring]

    /// `text`: what was said, for a kind that stands for many problems.
    public init(code: String, text: String = "") {
        self.code = code
        words = Self.words(of: text)
    }

    /// Those of a sentence that are the same when the same thing happens again elsewhere.
    private static func words(of text: String) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace).filter { word in
            let namesFile = word.dropLast().contains(".")
            return !namesFile && !word.contains { $0.isNumber || $0 == "/" || $0 == "\\" }
        }
    }

    /// The sentence that stands for most of these, the first of its kind; nil for none.
    public static func commonest(of sentences: [String]) -> String? {
        let groups = Dictionary(grouping: sentences.indices) { words(of: sentences[$0]) }.values
        // As often as another, but earlier: the same on every machine.
        let most = groups.min { ($1.count, $0[0]) < ($0.count, $1[0]) }
        return most.map { sentences[$0[0]] }
    }
}
