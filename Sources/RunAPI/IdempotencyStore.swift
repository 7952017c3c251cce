import Accounts
import Hashing
import RunModel
import Store
import WebServer

/// The same `Idempotency-Key` of the same person within a day: the same answer, and nothing done twice.
///
/// A page whose network broke cannot know whether its command arrived. With a key it may simply ask again. While the
/// first request under a key is in work, those that come after it wait for its answer. In memory there are only
/// requests in work, of which the server's links are the bound; the store drops what is older than a day whenever it
/// keeps an answer.
///
/// One hole is left: a server that dies after a command was carried out and before its answer was kept does it again
/// when asked again. Commands are therefore made so that a second one is refused by the state it finds (a session that
/// runs, a prompt that is answered, a queue of another version).
actor IdempotencyStore {
    /// Keys are a person's own: nobody can read or block another one's answer by guessing their key.
    private struct Key: Hashable {
        var person: String
        var key: String
    }
    private struct InWork {
        var digest: String
        var waiting: [CheckedContinuation<HTTPResponse?, Never>] = []
    }
    private let services: Services
    private var inWork: [Key: InWork] = [:]
    /// Answers to urgent commands, which are few: they are known again whether the store has taken them or not.
    private var urgentAnswers: [Key: StoredAnswer] = [:]
    private static let urgentLimit = 200

    init(_ services: Services) { self.services = services }

    /// The answer of `work`, or the one that an earlier request under the same key got. Without a key `work` is simply
    /// done: the header is an offer, not a duty.
    ///
    /// What is urgent does not wait for a silent store: it is done, and the state refuses it if it was done before.
    func once(
        _ call: Call, isUrgent: Bool = false, _ work: @Sendable () async throws(Problem) -> HTTPResponse
    ) async throws(Problem) -> HTTPResponse {
        guard let name = call.request.headers["idempotency-key"] else { return try await work() }
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw Problem(
                400, "request.idempotencyKey", "The Idempotency-Key is not 1 to 128 plain characters.",
                remedy: "Send another key.")
        }
        let key = Key(person: call.person.username, key: name)
        let digest = Self.digest(call.request)
        while let other = inWork[key] {
            guard other.digest == digest else { throw Self.reused }
            // Nil when the first one came to nothing that lasts. Then whoever wakes first takes its place and the
            // others wait for that one: hence the loop.
            if let answer = await withCheckedContinuation({ inWork[key]?.waiting.append($0) }) { return answer }
        }
        // No `await` stands between the last look at `inWork` and this line, so two requests cannot both be the first.
        inWork[key] = InWork(digest: digest)
        var lasting: HTTPResponse?
        defer {
            for waiting in inWork.removeValue(forKey: key)?.waiting ?? [] { waiting.resume(returning: lasting) }
        }
        let answer = try await answer(key, digest, isUrgent, work)
        if answer.status < 500 { lasting = answer }
        return answer
    }

    private func answer(
        _ key: Key, _ digest: String, _ isUrgent: Bool, _ work: @Sendable () async throws(Problem) -> HTTPResponse
    ) async throws(Problem) -> HTTPResponse {
        let moment = services.now
        if let kept = try await kept(key, at: moment, isUrgent) {
            guard kept.requestDigest == digest else { throw Self.reused }
            return Self.response(kept)
        }
        let answer: HTTPResponse
        do throws(Problem) { answer = try await work() } catch { answer = error.response }
        // What the server could not do for reasons of its own may be asked again. A refusal with a reason (409, for
        // instance) is kept like any other answer: the repeated request must not slip through because the state has
        // changed meanwhile.
        guard answer.status < 500, case .bytes(let body) = answer.body else { return answer }
        let stored = StoredAnswer(
            requestDigest: digest, status: answer.status, body: String(decoding: body, as: UTF8.self), at: moment)
        guard isUrgent else {
            await remember(stored, key)
            return answer
        }
        if urgentAnswers.count >= Self.urgentLimit { urgentAnswers = [:] }
        urgentAnswers[key] = stored
        // Whoever stops a run waits for no disk.
        Task { await remember(stored, key) }
        return answer
    }

    private func kept(_ key: Key, at moment: Timestamp, _ isUrgent: Bool) async throws(Problem) -> StoredAnswer? {
        if let known = urgentAnswers[key], moment.seconds(since: known.at) < 86_400 { return known }
        do throws(Problem) {
            return try await services.reading(within: patience(isUrgent)) { store throws(StoreError) in
                try store.idempotent(person: key.person, key: key.key, now: moment)
            }
        } catch {
            guard isUrgent else { throw error }
            return nil
        }
    }

    private func patience(_ isUrgent: Bool) -> Duration { isUrgent ? services.configuration.urgentPatience : .seconds(30) }

    /// The command was accepted, and is told so even when its answer cannot be kept. A page that is told otherwise
    /// would ask for it again, and this time nobody would know the key.
    private func remember(_ answer: StoredAnswer, _ key: Key) async {
        do throws(Problem) {
            _ = try await services.reading { store throws(StoreError) in
                try store.remember(answer, person: key.person, key: key.key)
            }
        } catch {
            services.configuration.log("The answer to a command of \(key.person) is not kept. \(error.sentence)")
        }
    }

    /// Headers are not stored: the only one that such answers have follows from the status.
    private static func response(_ kept: StoredAnswer) -> HTTPResponse {
        let type = kept.status >= 400 ? "application/problem+json" : "application/json"
        return HTTPResponse(status: kept.status, headers: [("content-type", type)], body: .bytes(Array(kept.body.utf8)))
    }

    private static let reused = Problem(
        422, "request.keyReused", "This Idempotency-Key was used for another request.",
        remedy: "Use a fresh key for each command.")

    /// Of method, path and body: the same key under another request is a mistake of the client, which it should hear
    /// about (422). That goes for a corrected body, too: it is another command and needs a key of its own.
    private static func digest(_ request: HTTPRequest) -> String {
        Digest.of(Array("\(request.method) \(request.path)\n".utf8) + request.body)
    }
}
