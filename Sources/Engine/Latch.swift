/// Set once, for good, and heard by everybody who waits for it, before or after.
struct Latch: Sendable {
    let condition = Condition()

    var isSet: Bool { condition.generation > 0 }

    func set() { condition.signal() }

    /// Returns at once where it is set already, or when the task is cancelled.
    func wait() async { await condition.wait(after: 0) }
}
