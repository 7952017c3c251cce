/// Five wrong passwords for one name from one place, then five minutes' wait. A place is an address, or a browser in which that person
/// has signed in before: whoever guesses from elsewhere does not count there.
///
/// Times are those of a clock that nobody sets.
struct SignInLimit: Sendable {
    static let tries = 5
    static let wait = Duration.seconds(300)
    /// Names and places remembered; a flood of made-up names pushes out the oldest, never the memory.
    static let capacity = 10_000

    struct Key: Hashable, Sendable {
        var username: String
        var address: String
    }
    private struct Tries {
        /// Known to be wrong.
        var count = 0
        /// Of which nobody knows yet.
        var underWay = 0
        var last: Duration
    }
    private var wrong: [Key: Tries] = [:]
    private var cleared = Duration.zero
    /// How many are remembered.
    var count: Int { wrong.count }

    /// Many at once are no more than five, whatever comes of them; those that may all be right are told to come again in a moment. Returns the
    /// tries left after this one, should it be wrong.
    mutating func begin(_ key: Key, at now: Duration) throws(AccountError) -> Int {
        if now - cleared >= Self.wait { dropOver(at: now) }
        if let past = wrong[key], now - past.last >= Self.wait { wrong[key] = nil }
        var tries = wrong[key] ?? Tries(last: now)
        guard tries.count < Self.tries else {
            throw .tooManyTries(secondsLeft: (Self.wait - (now - tries.last)).wholeSeconds)
        }
        guard tries.count + tries.underWay < Self.tries else { throw .tooManyAtOnce }
        tries.underWay += 1
        tries.last = now
        if wrong[key] == nil, wrong.count >= Self.capacity { makeRoom(at: now) }
        wrong[key] = tries
        return Self.tries - tries.count - tries.underWay
    }

    /// Ends a try that was begun.
    mutating func end(_ key: Key, _ outcome: SignInGate.Outcome) {
        guard var tries = wrong[key] else { return }
        tries.underWay = max(0, tries.underWay - 1)
        switch outcome {
        case .wrong: tries.count += 1
        case .right: tries.count = 0
        case .noAnswer: break
        }
        wrong[key] = tries.count + tries.underWay == 0 ? nil : tries
    }

    /// Wherever the tries came from.
    mutating func forget(_ username: String) { wrong = wrong.filter { $0.key.username != username } }

    private mutating func dropOver(at now: Duration) {
        wrong = wrong.filter { now - $0.value.last < Self.wait }
        cleared = now
    }

    private mutating func makeRoom(at now: Duration) {
        dropOver(at: now)
        guard wrong.count >= Self.capacity else { return }
        // A tenth at once, so that a flood does not sort at every try.
        let oldest = wrong.sorted { $0.value.last < $1.value.last }.prefix(Self.capacity / 10)
        for (key, _) in oldest { wrong[key] = nil }
    }
}

extension Duration {
    /// Rounded up: whoever waits so long has waited long enough.
    var wholeSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}
