import JSONText
import RunModel
import Store

/// Refused commands on their way into the audit log: the first is written as it is, those of the same person and act within a minute after it are
/// counted and become one record. Whoever tries for hours leaves two records a minute, and fills no disk.
struct AuditRefusals: Sendable {
    static let interval = Duration.seconds(60)
    /// A person has a few dozen acts; with more people than this at once the oldest counts are written early.
    static let capacity = 1000

    private struct Key: Hashable {
        var person: String
        var act: String
    }
    private struct Count {
        var since: Duration
        var times = 0
        var last: AuditEntry
        /// Whether all were refused for the same reason and on the same thing.
        var isAlike = true
    }
    private var counts: [Key: Count] = [:]

    func isCounting(_ person: String, _ act: String, at now: Duration) -> Bool {
        counts[Key(person: person, act: act)].map { now - $0.since < Self.interval } ?? false
    }

    /// False for one that is only counted.
    mutating func isFirst(_ entry: AuditEntry, at now: Duration) -> Bool {
        let key = Key(person: entry.author.person, act: entry.act)
        guard var count = counts[key] else {
            counts[key] = Count(since: now, last: entry)
            return true
        }
        count.isAlike = count.isAlike && count.last.subject == entry.subject && count.last.outcome == entry.outcome
        count.times += 1
        count.last = entry
        counts[key] = count
        return false
    }

    /// Those whose minute is over, in the order of people and acts. `all` is for the end of the program.
    mutating func takeDue(at now: Duration, all: Bool) -> [AuditEntry] {
        let isFull = counts.count > Self.capacity
        let due = counts.filter { all || isFull || now - $0.value.since >= Self.interval }
        for key in due.keys { counts[key] = nil }
        return due.filter { $0.value.times > 0 }.sorted { ($0.key.person, $0.key.act) < ($1.key.person, $1.key.act) }
            .map { Self.entry($0.value) }
    }

    private static func entry(_ count: Count) -> AuditEntry {
        var entry = count.last
        entry.detail = ["times": .integer(count.times)]
        if !count.isAlike { entry.subject = "" }
        return entry
    }
}
