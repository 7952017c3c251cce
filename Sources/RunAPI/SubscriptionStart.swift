import Accounts
import JSONText
import RunModel
import Store
import WebServer

/// What a page gets when it joins a topic: a snapshot, or the events that it missed. Either way what it has afterwards
/// is the topic up to `last`, and what comes next fits onto it.
struct SubscriptionStart: Sendable {
    var frames: [Frame]
    /// The number of the last event in them; of what the page had already, when it missed none.
    var last: Int64
}

extension Services {
    /// `after` is the last number that the page has; without one, or when it means nothing here, it gets a snapshot.
    ///
    /// Frames are written on the store's threads, not on those that all tasks share: the snapshot of a grid with
    /// thousands of holes is megabytes of text. Only a grid can be unknown here, since the session was found when the
    /// right was checked.
    func subscriptionStart(
        of topic: Topic, after: Int64?, for person: Person, readings: JSONValue
    ) async throws(Problem) -> SubscriptionStart {
        if let after, let missed = try await missed(on: topic, after: after, for: person) { return missed }
        guard let snapshot = try await snapshot(of: topic, for: person, readings: readings) else {
            throw .unknown("grid", topic.text.split(separator: "/").last.map(String.init) ?? "")
        }
        let (identity, moment) = (store.identity, now)
        let frame = try await reads.answer { () throws(Problem) in
            Envelope.snapshot(topic, seq: snapshot.seq, store: identity, at: moment, state: snapshot.state)
        }
        return SubscriptionStart(frames: [frame], last: snapshot.seq)
    }

    /// Nil when they are too many, or the number is not one of this store's: beyond the newest, after a backup was
    /// restored for instance. One more than the limit is read, which tells "just as many" from "more".
    private func missed(on topic: Topic, after: Int64, for person: Person) async throws(Problem) -> SubscriptionStart? {
        let groups = groups
        return try await reading { store throws(StoreError) in
            if case .log(let session, let log) = topic {
                guard after <= (try store.lastLine(of: session, log: log)) else { return nil }
                let lines = try store.logLines(of: session, log: log, after: after, limit: PushFeed.replayLimit + 1)
                guard lines.count <= PushFeed.replayLimit else { return nil }
                return SubscriptionStart(frames: lines.map(Envelope.line), last: lines.last?.n ?? after).ifShort
            }
            guard after <= (try store.newestSeq()) else { return nil }
            let events = try store.events(on: topic, after: after, limit: PushFeed.replayLimit + 1)
            guard events.count <= PushFeed.replayLimit else { return nil }
            let frames = try events.map { told throws(StoreError) in
                // Rights are those of now, also for old events: somebody who joined a group yesterday sees its sessions
                // of last week, and the other way round.
                guard topic == .facility else { return Envelope.event(told) }
                let group = try groups.group(of: told.session, in: store)
                return Permission.allows(.readSession, person: person, group: group)
                    ? Envelope.event(told) : Envelope.redacted(told)
            }
            return SubscriptionStart(frames: frames, last: events.last?.seq ?? after).ifShort
        }
    }
}

extension SubscriptionStart {
    /// Nil for what would not fit into a page's outbox; a snapshot does.
    fileprivate var ifShort: SubscriptionStart? {
        frames.reduce(0) { $0 + $1.count } <= PushFeed.replayBytes ? self : nil
    }
}
