/// What one question to SerialEM came to.
public struct CheckLine: Hashable, Sendable, Codable {
    public enum State: String, Sendable, Codable {
        case ok, problem
        /// Nobody could tell now: it would have moved something, the connection had ended, or SerialEM tells it at another time,
        /// as in low dose, or never.
        case notAsked
    }
    /// In a word or two: `stage`, `low dose`.
    public let subject: String
    public let state: State
    public let sentence: String
    public let remedy: String?

    public init(_ subject: String, _ state: State, _ sentence: String, remedy: String? = nil) {
        self.subject = subject
        self.state = state
        self.sentence = sentence
        self.remedy = remedy
    }
}
