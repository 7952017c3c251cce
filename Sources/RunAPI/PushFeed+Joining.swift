import Accounts
import JSONText
import RunModel
import WebServer

// How a page joins a topic: it is put on the list, then the store is read, then it gets what came in between.
extension PushFeed {
    /// Refused for a topic that does not exist or may not be seen, with the same codes as over HTTP. Somebody who
    /// watches already joins anew.
    func subscribe(_ topic: Topic, after: Int64?, _ id: WebSocketClient.ID) async {
        guard let page = pages[id] else { return }
        let client = page.client
        // Between the asking and the snapshot nothing of the topic is told, not even a reading.
        if page.subscriptions[topic] != nil { begin(topic, id) }
        await listening()
        await rest(before: topic, id)
        do throws(Problem) {
            guard !hasEnded else {
                throw Problem(503, "server.stopping", "The server is stopping.", remedy: "Come back in a moment.")
            }
            guard try await mayJoin(topic, id) else { return }
        } catch {
            unsubscribe(topic, id)
            return client.send(Envelope.problem(error, topic: topic.text))
        }
        // What this page was sent on this link is not sent again, whatever number it names.
        let known = pages[id]?.subscriptions[topic]?.last ?? 0
        addSubscriber(topic, id)
        await join(topic, after: after.map { max($0, known) }, id)
        if case .session(let session) = topic { tellWatchers(of: session) }
    }

    /// A page that asks again and again waits its time, and with it whatever else it says.
    private func rest(before topic: Topic, _ id: WebSocketClient.ID) async {
        let interval = services.configuration.answerInterval
        if let last = pages[id]?.answered[topic], case let left = interval - (services.elapsed() - last), left > .zero {
            // Cancelled means that the server stops, and the page with it.
            try? await services.configuration.clock.sleep(for: left)
        }
        let now = services.elapsed()
        var answered = pages[id]?.answered.filter { now - $0.value < interval } ?? [:]
        answered[topic] = now
        pages[id]?.answered = answered
    }

    /// False for a page that has left meanwhile.
    private func mayJoin(_ topic: Topic, _ id: WebSocketClient.ID) async throws(Problem) -> Bool {
        while let page = pages[id] {
            try checkRoom(page, topic)
            try await check(topic, page.requester.person)
            // A change of rights while the store was asked looks only at topics that are joined, so this one is asked
            // about again.
            if pages[id]?.requester.person == page.requester.person { return true }
        }
        return false
    }

    private func checkRoom(_ page: Page, _ topic: Topic) throws(Problem) {
        guard page.subscriptions[topic] == nil, page.subscriptions.count >= Self.topicLimit else { return }
        throw Problem(
            400, "push.tooManyTopics", "A page may watch at most \(Self.topicLimit) topics.",
            remedy: "Unsubscribe from some of them.")
    }

    /// The right to watch, as for the routes: `facility` is for everybody who is signed in, all that belongs to a
    /// session for its readers. Whether a grid exists is found out when it is read.
    func check(_ topic: Topic, _ person: Person) async throws(Problem) {
        var group: String?
        if let session = topic.session {
            group = try await services.group(of: session)
            guard group != nil else { throw .unknown("session", session.rawValue) }
        }
        do throws(AccountError) {
            try Permission.require(topic.session == nil ? .watchFacility : .readSession, person: person, group: group)
        } catch {
            throw Problem(error)
        }
    }

    /// News is kept from now on, under a number that makes whatever was under way for the topic come to nothing.
    @discardableResult
    func begin(_ topic: Topic, _ id: WebSocketClient.ID, isInDoubt: Bool = false) -> Int {
        lastJoin += 1
        // What the page was sent before stays known.
        let last = pages[id]?.subscriptions[topic]?.last ?? 0
        pages[id]?.subscriptions[topic] = Subscription(number: lastJoin, isInDoubt: isInDoubt, last: last)
        return lastJoin
    }

    /// Reads the store while news is kept, then hands over both in their order. A page whose joining fails is off the
    /// list and told so; it does not stay on a topic of which it has no state.
    func join(_ topic: Topic, after: Int64?, _ id: WebSocketClient.ID) async {
        guard let page = pages[id] else { return }
        let number = begin(topic, id)
        do throws(Problem) {
            let told = try readingsJSON(of: topic)
            let start = try await services.subscriptionStart(of: topic, after: after, for: page.requester.person, readings: told)
            guard let page = pages[id], let joining = page.subscriptions[topic], joining.number == number else { return }
            for frame in start.frames { page.client.send(frame) }
            pages[id]?.subscriptions[topic] = Subscription(number: number, waiting: nil, last: start.last)
            // News that the store had told already has a number that the page has, and `deliver` drops it.
            for news in joining.waiting ?? [] { deliver(news, to: id) }
            for (key, frame) in joining.waitingReadings.sorted(by: { $0.key < $1.key }) {
                page.client.send(reading: frame, key: key)
            }
            try sendReadings(of: topic, to: page.client)
        } catch {
            guard pages[id]?.subscriptions[topic]?.number == number else { return }
            unsubscribe(topic, id)
            page.client.send(Envelope.problem(error, topic: topic.text))
        }
    }

    private func readingsJSON(of topic: Topic) throws(Problem) -> JSONValue {
        guard case .session(let id) = topic else { return [:] }
        return try readings.json(of: id)
    }

    /// Again as frames, with the time at which each was taken: those in the snapshot have none.
    private func sendReadings(of topic: Topic, to client: any FeedClient) throws(Problem) {
        guard case .session(let id) = topic else { return }
        for (type, frame) in try readings.told(of: id) { client.send(reading: frame, key: "\(topic.text)/\(type)") }
    }
}
