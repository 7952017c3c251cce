import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

// What is heard, and who is told. An event is encoded once and the same frame goes to every page. Between taking an
// event and handing it out there may be an `await` (whose session is it?), which is why only one item is heard at a
// time.
extension PushFeed {
    /// One at a time and to its end, so that no event overtakes another: whoever calls waits for it. While this waits
    /// for a slow store the journal goes on; beyond what its stream holds it says `missed`, and never waits for us. A
    /// run must not stand still because of its pages.
    func hear(_ item: Journal.News) async {
        switch item {
        case .written(let appended):
            for told in appended.told { await hear(told) }
            for line in appended.lines {
                let topic = Topic.log(line.session, line.log)
                guard subscribers[topic] != nil else { continue }
                tell(News(topic: topic, seq: line.n, frame: Envelope.line(line)))
            }
        case .reading(let reading, let moment): hear(reading, at: moment)
        case .missed: await catchUp()
        }
    }

    /// Some news went by unheard: every page gets them from the store, by the number of the last that it has.
    ///
    /// The end of a run may be among them, and the reading `step` is in no store, so it is ended here for runs that no
    /// longer live.
    private func catchUp() async {
        for id in pages.keys.sorted() {
            for topic in (pages[id]?.subscriptions.keys).map(Array.init)?.sorted(by: { $0.text < $1.text }) ?? [] {
                // One that is in doubt is read from the store anyway, once it is known that it may be.
                guard let subscription = pages[id]?.subscriptions[topic], !subscription.isInDoubt else { continue }
                // One that is joining has nothing yet.
                await join(topic, after: subscription.waiting == nil ? subscription.last : nil, id)
            }
        }
        for id in readings.kept.keys.sorted() where readings.kept[id]?.step != nil {
            guard await !services.engine.isLiving(id), let frame = readings.endRun(of: id, at: services.now) else { continue }
            tell(reading: frame, type: "step", on: .session(id))
        }
    }

    private func hear(_ told: TopicEvent) async {
        if case .session(let id) = told.topic {
            readings.heard(id, at: told.at)
            if RunEvent.Kind(rawValue: told.type)?.endsRun == true, let frame = readings.endRun(of: id, at: told.at) {
                tell(reading: frame, type: "step", on: told.topic)
            }
        }
        guard subscribers[told.topic] != nil else { return }
        var news = News(topic: told.topic, seq: told.seq, frame: Envelope.event(told))
        if told.topic == .facility {
            // When the store does not say whose it is, only staff and viewers are told: they may see every group's. For
            // all others it is safer to hide too much once.
            news.group = (try? await services.group(of: told.session)) ?? ""
            news.redacted = Envelope.redacted(told)
        }
        tell(news)
    }

    private func tell(_ news: News) {
        for id in subscribers[news.topic] ?? [] {
            if let waiting = pages[id]?.subscriptions[news.topic]?.waiting {
                keep(news, behind: waiting.count, for: id)
            } else {
                deliver(news, to: id)
            }
        }
    }

    /// A store that does not answer while news keeps coming must not fill the memory: the page is closed with 1013 and
    /// returns, as a slow one does.
    private func keep(_ news: News, behind count: Int, for id: WebSocketClient.ID) {
        guard count >= Self.replayLimit else {
            pages[id]?.subscriptions[news.topic]?.waiting?.append(news)
            return
        }
        pages[id]?.client.close(code: 1013, reason: "The store is slow. Come back with the last number.")
        disconnected(id)
    }

    /// Hands an event to a page that has not had it yet. The right is that of this moment: somebody who lost it gets
    /// the emptied frame at once, and loses the topic itself with the next heartbeat.
    func deliver(_ news: News, to id: WebSocketClient.ID) {
        guard let page = pages[id], let subscription = page.subscriptions[news.topic], news.seq > subscription.last else {
            return
        }
        pages[id]?.subscriptions[news.topic]?.last = news.seq
        let isSeen = news.redacted == nil || Permission.allows(.readSession, person: page.requester.person, group: news.group)
        page.client.send(isSeen ? news.frame : news.redacted ?? news.frame)
    }

    /// Readings are told at once and not kept in order with events: only the latest counts, and a slow page drops the
    /// older ones.
    private func hear(_ reading: Reading, at moment: Timestamp) {
        // A reading that cannot be written is left out: the next one comes.
        guard let frame = try? readings.take(reading, at: moment) else { return }
        tell(reading: frame, type: reading.type, on: reading.topic)
        // The facility has no readings of its own; its disks are those of all sessions, told again with each that
        // changes.
        if case .disk = reading, let facility = try? readings.facilityDisks(at: moment) {
            tell(reading: facility, type: "disk", on: .facility)
        }
    }

    /// The key is what a later reading replaces in a page's outbox: the same type on the same topic.
    private func tell(reading frame: Frame, type: String, on topic: Topic) {
        let key = "\(topic.text)/\(type)"
        for id in subscribers[topic] ?? [] {
            guard let subscription = pages[id]?.subscriptions[topic], !subscription.isInDoubt else { continue }
            if subscription.waiting != nil {
                pages[id]?.subscriptions[topic]?.waitingReadings[key] = frame
            } else {
                pages[id]?.client.send(reading: frame, key: key)
            }
        }
    }

    /// Who has a page of this session open, each person once however many pages they have. Only readers of the session
    /// can be among them, so the names are told to all of them.
    func tellWatchers(of session: SessionID) {
        let topic = Topic.session(session)
        guard let ids = subscribers[topic] else { return }
        let people = Set(ids.compactMap { pages[$0]?.requester.person.username }).sorted()
        let data: JSONValue = ["people": .array(people.map(JSONValue.string))]
        tell(reading: Envelope.reading(topic, type: "watchers", at: services.now, data: data), type: "watchers", on: topic)
    }

    /// When the run of a session last gave a sign of life.
    func lastHeard(_ session: SessionID) -> Timestamp? { readings.kept[session]?.heard }
    func readings(of session: SessionID) throws(Problem) -> JSONValue { try readings.json(of: session) }
    /// Open links, with or without topics.
    var pageCount: Int { pages.count }
}
