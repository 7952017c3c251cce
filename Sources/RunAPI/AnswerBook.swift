import RunModel
import Store
import WebServer

/// The same `Idempotency-Key` of the same person within a day: the same answer, and nothing done twice.
///
/// While the first request under a key is in work, those that come after it wait for its answer.
actor AnswerBook {
    private struct Key: Hashable {
        var person: String
        var key: String
    }
    private struct InWork {
        var digest: String
        var waiting: [CheckedContinuation<Void, Never>] = []
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
            await withCheckedContinuation { inWork[key]?.waiting.append($0) }
        }
        inWork[key] = InWork(digest: digest)
        defer {
            for waiting in inWork.removeValue(forKey: key)?.waiting ?? [] { waiting.resume() }
        }
        return try await answer(key, digest, work)
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
        _ = try await services.reading { store throws(StoreError) in
            try store.remember(stored, person: key.person, key: key.key)
        }
        return answer
    }

    private static func response(_ kept: StoredAnswer) -> HTTPResponse {
        let type = kept.status >= 400 ? "application/problem+json" : "application/json"
        return HTTPResponse(status: kept.status, headers: [("content-type", type)], body: .bytes(Array(kept.body.utf8)))
    }

    private static let reused = Problem(
        422, "request.keyReused", "This Idempotency-Key was used for another request.",
        remedy: "Use a fresh key for each command.")

    /// Method, path and body, told apart by 128 bits: keys are a person's own, so nobody gains by a collision.
    private static func digest(_ request: HTTPRequest) -> String {
        let bytes = Array("\(request.method) \(request.path)\n".utf8) + request.body
        let halves: [UInt64] = [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142].map { start in
            bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return "\(bytes.count)-" + halves.map { String($0, radix: 16) }.joined(separator: "-")
    }
}
