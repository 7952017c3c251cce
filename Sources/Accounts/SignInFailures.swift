/// Refused sign-ins on their way into the audit log: counted for a minute, then written as one row for each name and address. Whoever
/// guesses for hours leaves a row a minute there, and makes no disk write with each try.
struct SignInFailures: Sendable {
    static let interval = Duration.seconds(60)
    /// Those of further ones are counted together.
    static let capacity = 500

    private var counts: [SignInLimit.Key: (count: Int, since: Duration)] = [:]

    mutating func add(_ username: String, from address: String, at now: Duration) {
        var key = SignInLimit.Key(username: username, address: address)
        if counts[key] == nil, counts.count >= Self.capacity { key = .init(username: "?", address: "other addresses") }
        counts[key, default: (0, now)].count += 1
    }

    /// In the order of names and addresses. `all` is for the end of the program.
    mutating func takeDue(at now: Duration, all: Bool) -> [(key: SignInLimit.Key, count: Int)] {
        let due = counts.filter { all || now - $0.value.since >= Self.interval }
        for key in due.keys { counts[key] = nil }
        return due.map { ($0.key, $0.value.count) }.sorted {
            ($0.key.username, $0.key.address) < ($1.key.username, $1.key.address)
        }
    }
}
