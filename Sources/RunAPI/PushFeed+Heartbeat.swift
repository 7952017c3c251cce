import Accounts
import RunModel
import WebServer

// Every two seconds a sign of life; every second a look at who is still signed in.
//
// A page that hears nothing for five seconds turns grey and keeps its buttons back. The beat is the engine's own: it waits
// for nothing but the engine, so that a page whose engine hangs turns grey as well. And a right that was taken away must
// be gone within a second: the page on the wall of a microscope room is open for months.
extension PushFeed {
    /// Ends with its task. The frame is the same for all pages, and is an event to the outbox: it is not dropped, so a
    /// page that takes nothing fills up and is closed.
    func sendHeartbeats() async {
        while !Task.isCancelled {
            // Cancelled means that the feed ends.
            guard (try? await services.configuration.clock.sleep(for: services.configuration.heartbeat)) != nil else { return }
            tellBeatDue()
        }
    }

    /// From memory: a silent store must not keep a right from being taken away.
    func checkSignIns() async {
        while !Task.isCancelled {
            // Cancelled means that the feed ends.
            guard (try? await services.configuration.clock.sleep(for: services.configuration.signInCheck)) != nil else { return }
            checkEverybody()
        }
    }

    private func checkEverybody() { for id in pages.keys.sorted() { checkSignIn(id) } }

    /// An engine that does not answer has no pulse to tell.
    func beat() async {
        for await _ in beatDue {
            await services.engine.ping()
            let frame = Envelope.heartbeat(at: services.now)
            for id in pages.keys.sorted() { pages[id]?.client.send(frame) }
        }
    }

    /// Accounts as another process may have changed them (`gridpilot user`), and rows of the audit log that the store has
    /// not taken yet. Beside the heartbeat, which must come even when the store is slow.
    func refreshAccounts() async {
        while !Task.isCancelled {
            // Accounts that cannot be read are asked for again at the next beat; until then everybody keeps the rights
            // they had.
            try? await services.accounts.refresh()
            // At once: two waits in a row would be more than the second that is promised.
            checkEverybody()
            await services.audit.write()
            guard (try? await services.configuration.clock.sleep(for: services.configuration.signInCheck)) != nil else { return }
        }
    }

    /// Signed out, expired or removed: the page hears why and is closed with 1008, which tells it not to come back
    /// without a sign-in. Changed rights: the page is told nothing on any of its topics until each has been looked at.
    private func checkSignIn(_ id: WebSocketClient.ID) {
        guard let page = pages[id] else { return }
        guard let person = services.accounts.person(forToken: page.requester.token) else {
            let problem = Problem(AccountError.notSignedIn)
            page.client.send(Envelope.problem(problem, topic: nil))
            page.client.close(code: 1008, reason: problem.sentence)
            return disconnected(id)
        }
        guard person != page.requester.person else { return }
        pages[id]?.requester.person = person
        // With a new number, so that a joining under way, which asked with the old rights, comes to nothing.
        for topic in page.topics { begin(topic, id, isInDoubt: true) }
        tellRightsChanged()
    }

    /// Beside the heartbeat, since it asks the store: topics whose pages' rights have changed, one after the other.
    func lookAtRights() async {
        for await _ in rightsChanged {
            for id in pages.keys.sorted() {
                for topic in pages[id]?.topics ?? [] { await recheck(topic, id) }
            }
        }
    }

    /// What may still be seen is shown anew, with the rights that its reader has now; the rest is taken off the list.
    private func recheck(_ topic: Topic, _ id: WebSocketClient.ID) async {
        guard let page = pages[id], let doubted = page.subscriptions[topic], doubted.isInDoubt else { return }
        do throws(Problem) {
            try await check(topic, page.requester.person)
            // Under another number the page has joined anew, or its rights have changed again and it has its turn once more.
            guard pages[id]?.subscriptions[topic]?.number == doubted.number else { return }
            await join(topic, after: nil, id)
            if case .session(let session) = topic { tellWatchers(of: session) }
        } catch {
            guard pages[id]?.subscriptions[topic]?.number == doubted.number else { return }
            unsubscribe(topic, id)
            page.client.send(Envelope.problem(error, topic: topic.text))
        }
    }
}
