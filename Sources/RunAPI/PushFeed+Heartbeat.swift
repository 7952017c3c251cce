import Accounts
import RunModel
import WebServer

// Every two seconds: a sign of life, and a look at who is still signed in.
//
// A page that hears nothing for five seconds turns grey and keeps its buttons back, so the beat must come whatever else
// is slow. And a right that was taken away must be gone within one beat: the page on the wall of a microscope room is
// open for months.
extension PushFeed {
    /// Ends with its task. The frame is the same for all pages, and is an event to the outbox: it is not dropped, so a
    /// page that takes nothing fills up and is closed.
    func sendHeartbeats() async {
        while !Task.isCancelled {
            // Cancelled means that the feed ends.
            guard (try? await services.configuration.clock.sleep(for: services.configuration.heartbeat)) != nil else { return }
            let frame = Envelope.heartbeat(at: services.now)
            // All of them first: a look at rights may have to wait for the store.
            for page in pages.values { page.client.send(frame) }
            for id in pages.keys.sorted() { await checkSignIn(id) }
        }
    }

    /// Accounts as another process may have changed them (`gridpilot user`). Beside the heartbeat, which must come even
    /// when the store is slow.
    func refreshAccounts() async {
        while !Task.isCancelled {
            // Accounts that cannot be read are asked for again at the next beat; until then everybody keeps the rights
            // they had.
            try? await services.accounts.refresh()
            guard (try? await services.configuration.clock.sleep(for: services.configuration.heartbeat)) != nil else { return }
        }
    }

    /// Signed out, expired or removed: the page hears why and is closed with 1008, which tells it not to come back
    /// without a sign-in. Changed rights: each topic is asked about anew.
    private func checkSignIn(_ id: WebSocketClient.ID) async {
        guard let page = pages[id] else { return }
        guard let person = services.accounts.person(forToken: page.requester.token) else {
            let problem = Problem(AccountError.notSignedIn)
            page.client.send(Envelope.problem(problem, topic: nil))
            page.client.close(code: 1008, reason: problem.sentence)
            return disconnected(id)
        }
        guard person != page.requester.person else { return }
        pages[id]?.requester.person = person
        for topic in page.subscriptions.keys.sorted(by: { $0.text < $1.text }) { await recheck(topic, person, id) }
    }

    /// After a change of rights: what may still be seen is shown anew, with the rights it has now.
    private func recheck(_ topic: Topic, _ person: Person, _ id: WebSocketClient.ID) async {
        do throws(Problem) {
            try await check(topic, person)
            guard pages[id]?.subscriptions[topic] != nil else { return }
            await join(topic, after: nil, id)
        } catch {
            unsubscribe(topic, id)
            pages[id]?.client.send(Envelope.problem(error, topic: topic.text))
        }
    }
}
