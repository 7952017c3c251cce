import RunModel

/// Five wrong passwords for one name from one address, then five minutes' wait.
struct SignInLimit: Sendable {
    static let tries = 5
    static let wait = 300.0
    /// Names and addresses remembered; a flood of made-up names pushes out the oldest, never the memory.
    static let capacity = 10_000

    struct Key: Hashable, Sendable {
        var username: String
        var address: String
    }
    private struct Tries {
        var count: Int
        var last: Timestamp
    }
    private var wrong: [Key: Tries] = [:]

    /// Counts the try as wrong before it is known, so that many at once are no more than five. Returns the tries left after it.
    mutating func begin(_ key: Key, at now: Timestamp) throws(AccountError) -> Int {
        if let past = wrong[key], now.seconds(since: past.last) >= Self.wait { wrong[key] = nil }
        var tries = wrong[key] ?? Tries(count: 0, last: now)
        guard tries.count < Self.tries else {
            throw .tooManyTries(secondsLeft: Int((Self.wait - now.seconds(since: tries.last)).rounded(.up)))
        }
        tries.count += 1
        tries.last = now
        if wrong[key] == nil, wrong.count >= Self.capacity { makeRoom(at: now) }
        wrong[key] = tries
        return Self.tries - tries.count
    }

    mutating func succeeded(_ key: Key) { wrong[key] = nil }

    /// A try that came to no answer does not count.
    mutating func takeBack(_ key: Key) {
        wrong[key]?.count -= 1
        if wrong[key]?.count == 0 { wrong[key] = nil }
    }

    private mutating func makeRoom(at now: Timestamp) {
        wrong = wrong.filter { now.seconds(since: $0.value.last) < Self.wait }
        guard wrong.count >= Self.capacity else { return }
        // A tenth at once, so that a flood does not sort at every try.
        let oldest = wrong.sorted { $0.value.last < $1.value.last }.prefix(Self.capacity / 10)
        for (key, _) in oldest { wrong[key] = nil }
    }
}
