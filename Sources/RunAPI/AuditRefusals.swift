import JSONText
import RunModel
import Store

/// Refused commands on their way into the audit log: the first is written as it is, those of the same person and act within a minute after it are
/// counted and become one record. Whoever tries for hours leaves two records a minute of each act, and of one that is asked for in writing `mostAskedInAll` more: that fills no disk.
struct AuditRefusals: Sendable {
    static let interval = Duration.seconds(60)
    /// Refusals of one act on one thing within that time before a further try is not written down until it is done. One refused and one done
    /// after it is the usual way of a forced act, and both are asked for in writing; pressing on and on is not.
    static let mostAsked = 10
    /// The same on all things together.
    static let mostAskedInAll = 60
    /// Things of one act that are told apart.
    static let mostThings = 50
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
        /// How often on each thing.
        var refused: [String: Int] = [:]
    }
    private var counts: [Key: Count] = [:]

    /// Whether one that is asked for is to be written down.
    func isWorthAsking(_ entry: AuditEntry, at now: Duration) -> Bool {
        guard let count = counts[Key(person: entry.author.person, act: entry.act)], now - count.since < Self.interval else {
            return true
        }
        guard count.times < Self.mostAskedInAll - 1 else { return false }
        return count.refused[entry.subject].map { $0 < Self.mostAsked } ?? (count.refused.count < Self.mostThings)
    }

    /// False for one that is only counted.
    mutating func isFirst(_ entry: AuditEntry, at now: Duration) -> Bool {
        let key = Key(person: entry.author.person, act: entry.act)
        guard var count = counts[key] else {
            counts[key] = Count(since: now, last: entry, refused: [entry.subject: 1])
            return true
        }
        count.isAlike = count.isAlike && count.last.subject == entry.subject && count.last.outcome == entry.outcome
        count.times += 1
        if count.refused[entry.subject] != nil || count.refused.count < Self.mostThings {
            count.refused[entry.subject, default: 0] += 1
        }
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
