/// Who may try a password now. All that is asked before one is hashed, since each hash takes a tenth of a second of a single thread, and
/// whoever fills that queue keeps everybody out.
///
/// A browser in which this person has signed in before is let through by the side: neither a flood of strangers nor a forest of wrong
/// passwords from elsewhere keeps its owner out.
struct SignInGate: Sendable {
    private var limit = SignInLimit()
    private var addresses = AddressLimit()
    /// Tries of browsers that are not known, between their beginning and their end.
    private var strangers = 0

    /// Returns the tries left after this one, should it be wrong. `strangersAtOnce` is their share of the queue.
    mutating func enter(_ attempt: SignInAttempt, strangersAtOnce: Int, at now: Duration) throws(AccountError) -> Int {
        guard !attempt.isKnown else { return try limit.begin(attempt.key, at: now) }
        guard strangers < strangersAtOnce else { throw .tooManyAtOnce }
        try addresses.begin(attempt.address, at: now)
        let left: Int
        do throws(AccountError) { left = try limit.begin(attempt.key, at: now) } catch {
            addresses.takeBack(attempt.address)
            throw error
        }
        strangers += 1
        return left
    }

    mutating func leave(_ attempt: SignInAttempt, _ outcome: Outcome) {
        if !attempt.isKnown { strangers -= 1 }
        limit.end(attempt.key, outcome)
        if outcome != .wrong, !attempt.isKnown { addresses.takeBack(attempt.address) }
    }

    mutating func forget(_ username: String) { limit.forget(username) }

    enum Outcome: Sendable { case right, wrong, noAnswer }
}

/// One try: for whom, and from where.
struct SignInAttempt: Sendable {
    var username: String
    var address: String
    /// The hash of the secret by which the browser is known for this person.
    var device: String?

    var isKnown: Bool { device != nil }
    var key: SignInLimit.Key { .init(username: username, address: device.map { "device \($0)" } ?? address) }
}
