/// An act of staff over the head of what is recorded, and why, where they said so.
struct Force: Hashable {
    var reason: String?

    /// After the sentence that says what was done.
    var words: String { reason.map { " Reason: \($0)" } ?? "" }
}
