/// Set once, for good, and heard by everybody who waits for it, before or after.
struct Latch: Sendable {
    private let bell = Bell()

    var isSet: Bool { bell.count > 0 }

    func set() { bell.ring() }

    /// Returns at once where it is set already, or when the task is cancelled.
    func wait() async { await bell.wait(after: 0) }
}
