import JSONText
import RunModel
import Store
import Synchronization
import WebServer

@testable import RunAPI

/// A page without a socket: keeps what it is sent, and lets a test wait for it.
final class PushPage: FeedClient {
    private struct State {
        var frames: [JSONValue] = []
        var readings: [JSONValue] = []
        /// Both, as they were sent.
        var all: [JSONValue] = []
        var closed: UInt16?
        var waiting:
            [(condition: @Sendable ([JSONValue], [JSONValue], UInt16?) -> Bool, resume: CheckedContinuation<Void, Never>)] = []
    }
    private static let numbers = Numbers()
    let id = WebSocketClient.ID(PushPage.numbers.next())
    private let state = Mutex(State())

    var frames: [JSONValue] { state.withLock { $0.frames } }
    var readings: [JSONValue] { state.withLock { $0.readings } }
    var all: [JSONValue] { state.withLock { $0.all } }
    var closed: UInt16? { state.withLock { $0.closed } }

    func send(_ frame: Frame) {
        change {
            $0.frames.append(Self.read(frame))
            $0.all.append(Self.read(frame))
        }
    }
    func send(reading frame: Frame, key: String) {
        change {
            $0.readings.append(Self.read(frame))
            $0.all.append(Self.read(frame))
        }
    }
    func close(code: UInt16, reason: String) { change { $0.closed = code } }

    /// What is not JSON is told as null, which no expectation takes for a frame.
    private static func read(_ frame: Frame) -> JSONValue { (try? JSONText.parse(frame.text)) ?? .null }

    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            let ready = state.waiting.filter { $0.condition(state.frames, state.readings, state.closed) }
            state.waiting.removeAll { $0.condition(state.frames, state.readings, state.closed) }
            return ready
        }
        for waiting in ready { waiting.resume.resume() }
    }

    /// Returns once the condition holds of frames, readings and closing code.
    func wait(_ condition: @escaping @Sendable ([JSONValue], [JSONValue], UInt16?) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.frames, state.readings, state.closed) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }

    /// The first frame of a kind and topic, once it is there.
    func first(_ kind: String, on topic: String? = nil) async -> JSONValue {
        await wait { frames, _, _ in frames.contains { $0.isOf(kind, topic) } }
        return frames.first { $0.isOf(kind, topic) } ?? .null
    }

    func count(_ kind: String, on topic: String? = nil) -> Int { frames.count { $0.isOf(kind, topic) } }
}

extension JSONValue {
    func isOf(_ kind: String, _ topic: String?) -> Bool {
        self["kind"]?.text == kind && (topic == nil || self["topic"]?.text == topic)
    }
    var seq: Int64 { Int64(self["seq"]?.int ?? -1) }
}

extension Bench {
    /// Starts the feed; ends it with the returned task.
    func feeding<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await self.api.run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw Unexpected(answer: "the feed ended")
        }
    }

    func page(as somebody: Somebody, token: String? = nil) async -> PushPage {
        let page = PushPage()
        let token = token ?? self.token(of: somebody)
        guard let person = accounts.person(forToken: token) else { return page }
        await api.feed.connected(page, Requester(person: person, token: token, usesCookie: true))
        return page
    }

    func say(_ text: String, _ page: PushPage) async { await api.feed.received(text, from: page.id) }

    func subscribe(_ page: PushPage, _ topic: String, after: Int64? = nil, store: String? = nil) async {
        var message: JSONValue = ["op": "subscribe", "topic": .string(topic)]
        if let after { message["after"] = .integer(Int(after)) }
        if let store { message["store"] = .string(store) }
        await say(JSONText.write(message), page)
    }
}
