/// Refused sign-ins on their way into the audit log: counted for a minute, then written as one row for each name and address. Whoever
/// guesses for hours leaves a row a minute there, and makes no disk write with each try.
struct SignInFailures: Sendable {
    static let interval = Duration.seconds(60)
    /// Rows a minute that name an address. Further ones are counted by name: whoever has so many addresses has any.
    static let named = 20
    /// Those of further names are counted together.
    static let capacity = 100

    /// A row in the making.
    struct Row: Sendable {
        var key: SignInLimit.Key
        var count: Int
        var since: Duration
    }
    private var rows: [SignInLimit.Key: Row] = [:]

    mutating func add(_ username: String, from address: String, at now: Duration) {
        add(Row(key: SignInLimit.Key(username: username, address: address), count: 1, since: now))
    }

    private mutating func add(_ row: Row) {
        var key = row.key
        if rows[key] == nil, rows.count >= Self.named { key.address = "other addresses" }
        if rows[key] == nil, rows.count >= Self.capacity { key.username = "?" }
        let before = rows[key] ?? Row(key: key, count: 0, since: row.since)
        rows[key] = Row(key: key, count: before.count + row.count, since: min(before.since, row.since))
    }

    /// In the order of names and addresses. `all` is for the end of the program.
    mutating func takeDue(at now: Duration, all: Bool) -> [Row] {
        let due = rows.values.filter { all || now - $0.since >= Self.interval }
        for row in due { rows[row.key] = nil }
        return due.sorted { ($0.key.username, $0.key.address) < ($1.key.username, $1.key.address) }
    }

    /// What was not written down is counted on: a disk that is full while somebody guesses must not hide them. Others may have taken their
    /// places meanwhile.
    mutating func giveBack(_ unwritten: [Row]) {
        for row in unwritten { add(row) }
    }
}
