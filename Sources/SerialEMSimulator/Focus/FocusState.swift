/// What autofocus aims at and what it last read.
struct FocusState: Sendable {
    enum Failure: Int, Sendable {
        case failed = -1
    }

    /// µm, negative under focus.
    var target = -1.0
    var measured = 0.0
    var failure: Failure?
}
