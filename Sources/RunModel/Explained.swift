/// A refusal or failure that a person can act on.
///
/// `code` is for programs (`scopeLock.held`), the sentence says what happened in the operator's words,
/// the remedy what to do now.
public protocol Explained: Error, Sendable {
    var code: String { get }
    var sentence: String { get }
    var remedy: String? { get }
}

extension Explained {
    public var remedy: String? { nil }

    /// Sentence and remedy in one line, for logs and terminals.
    public var explanation: String {
        guard let remedy else { return sentence }
        return "\(sentence) \(remedy)"
    }
}
