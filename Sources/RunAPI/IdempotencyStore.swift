import Accounts
import RunModel
import Store
import WebServer

/// The same `Idempotency-Key` of the same person within a day: the same answer, and nothing done twice.
///
/// While the first request under a key is in work, those that come after it wait for its answer. In memory there are only requests in
/// work, of which the server's links are the bound; the store drops what is older than a day whenever it keeps an answer.
actor IdempotencyStore {
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

    init(_ services: Services) { self.services = services }

    func once(_ call: Call, _ work: @Sendable () async throws(Problem) -> HTTPResponse) async throws(Problem) -> HTTPResponse {
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
            if let answer = await withCheckedContinuation({ inWork[key]?.waiting.append($0) }) { return answer }
        }
        inWork[key] = InWork(digest: digest)
        var lasting: HTTPResponse?
        defer {
            for waiting in inWork.removeValue(forKey: key)?.waiting ?? [] { waiting.resume(returning: lasting) }
        }
        let answer = try await answer(key, digest, work)
        if answer.status < 500 { lasting = answer }
        return answer
    }

    private func answer(
        _ key: Key, _ digest: String, _ work: @Sendable () async throws(Problem) -> HTTPResponse
    ) async throws(Problem) -> HTTPResponse {
        let moment = services.now
        if let kept = try await services.reading({ store throws(StoreError) in
            try store.idempotent(person: key.person, key: key.key, now: moment)
        }) {
            guard kept.requestDigest == digest else { throw Self.reused }
            return Self.response(kept)
        }
        let answer: HTTPResponse
        do throws(Problem) { answer = try await work() } catch { answer = error.response }
        // What the server could not do for reasons of its own may be asked again.
        guard answer.status < 500, case .bytes(let body) = answer.body else { return answer }
        let stored = StoredAnswer(
            requestDigest: digest, status: answer.status, body: String(decoding: body, as: UTF8.self), at: moment)
        await remember(stored, key)
        return answer
    }

    /// What was accepted stays accepted where only this does not succeed: a page that is told otherwise would ask for it again.
    private func remember(_ answer: StoredAnswer, _ key: Key) async {
        do throws(Problem) {
            _ = try await services.reading { store throws(StoreError) in
                try store.remember(answer, person: key.person, key: key.key)
            }
        } catch {
            services.configuration.log("The answer to a command of \(key.person) is not kept. \(error.sentence)")
        }
    }

    private static func response(_ kept: StoredAnswer) -> HTTPResponse {
        let type = kept.status >= 400 ? "application/problem+json" : "application/json"
        return HTTPResponse(status: kept.status, headers: [("content-type", type)], body: .bytes(Array(kept.body.utf8)))
    }

    private static let reused = Problem(
        422, "request.keyReused", "This Idempotency-Key was used for another request.",
        remedy: "Use a fresh key for each command.")

    /// Of method, path and body: the same key under another request is a mistake of the client, which it should hear about.
    private static func digest(_ request: HTTPRequest) -> String {
        Digest.of(Array("\(request.method) \(request.path)\n".utf8) + request.body)
    }
}
