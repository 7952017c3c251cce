import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

// What is heard, and who is told.
extension PushFeed {
    /// One at a time and to its end, so that no event overtakes another: whoever calls waits for it.
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
    private func catchUp() async {
        for id in pages.keys.sorted() {
            for topic in (pages[id]?.subscriptions.keys).map(Array.init)?.sorted(by: { $0.text < $1.text }) ?? [] {
                guard let subscription = pages[id]?.subscriptions[topic] else { continue }
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
            if RunEvent.endsRun(told.type), let frame = readings.endRun(of: id, at: told.at) {
                tell(reading: frame, type: "step", on: told.topic)
            }
        }
        guard subscribers[told.topic] != nil else { return }
        var news = News(topic: told.topic, seq: told.seq, frame: Envelope.event(told))
        if told.topic == .facility {
            // Without the group nobody but staff and viewers is told whose it is.
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

    /// A store that does not answer while news keeps coming must not fill the memory: the page is closed and returns, as a slow one does.
    private func keep(_ news: News, behind count: Int, for id: WebSocketClient.ID) {
        guard count >= Self.replayLimit else {
            pages[id]?.subscriptions[news.topic]?.waiting?.append(news)
            return
        }
        pages[id]?.client.close(code: 1013, reason: "The store is slow. Come back with the last number.")
        disconnected(id)
    }

    func deliver(_ news: News, to id: WebSocketClient.ID) {
        guard let page = pages[id], let subscription = page.subscriptions[news.topic], news.seq > subscription.last else {
            return
        }
        pages[id]?.subscriptions[news.topic]?.last = news.seq
        let isSeen = news.redacted == nil || Permission.allows(.readSession, person: page.requester.person, group: news.group)
        page.client.send(isSeen ? news.frame : news.redacted ?? news.frame)
    }

    private func hear(_ reading: Reading, at moment: Timestamp) {
        // A reading that cannot be written is left out: the next one comes.
        guard let frame = try? readings.take(reading, at: moment) else { return }
        tell(reading: frame, type: reading.type, on: reading.topic)
        if case .disk = reading, let facility = try? readings.facilityDisks(at: moment) {
            tell(reading: facility, type: "disk", on: .facility)
        }
    }

    private func tell(reading frame: Frame, type: String, on topic: Topic) {
        for id in subscribers[topic] ?? [] { pages[id]?.client.send(reading: frame, key: "\(topic.text)/\(type)") }
    }

    /// Who has a page of this session open.
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
    var pageCount: Int { pages.count }
}
