import CLibWebSockets
import Dispatch
import Glibc

// What waits for clients that read slowly, or not at all. One client is bounded by its outbox; here all of them together are, since a
// single person can open many links. Frames are shared, so what is counted is at least what is used.
extension WebServer {
    /// To be called after each change of what waits for a client.
    func recount(_ peer: Peer) {
        queuedBytes += peer.waitingBytes - peer.countedBytes
        peer.countedBytes = peer.waitingBytes
        peer.mostBytes = max(peer.mostBytes, peer.countedBytes)
    }

    /// Cuts the slowest link off of whoever has most waiting, while there is too much: a page for which one large snapshot waits must not
    /// go for somebody with many links that take nothing. Without the close frame that others get: it would wait behind what is not read.
    func makeRoom() {
        while queuedBytes > configuration.limits.outboxSum {
            guard let slowest = slowest(), let peer = slowest.peer, peer.countedBytes > 0 else { return }
            configuration.log("A live link from \(slowest.address) was cut off: too much waited for clients that do not read.")
            peer.closing = (1013, "")
            (peer.outbox, peer.sending) = (Outbox(), nil)
            recount(peer)
            lws_set_timeout(slowest.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
        }
    }

    private func slowest() -> Connection? {
        let waiting = connections.values.filter { $0.peer?.countedBytes ?? 0 > 0 }
        // The echo belongs to nobody: there each link stands for itself.
        let links = Dictionary(grouping: waiting) { $0.peer?.owner ?? "link \($0.id)" }
        let bytes = links.mapValues { $0.reduce(0) { $0 + ($1.peer?.countedBytes ?? 0) } }
        let most = bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return most.flatMap { links[$0.key] }?.max { ($0.peer?.countedBytes ?? 0, $1.id) < ($1.peer?.countedBytes ?? 0, $0.id) }
    }

    /// A client has gone: what waited for it is free, and the system gets it back if it was much.
    func releaseMemory(of peer: Peer) {
        (peer.outbox, peer.sending) = (Outbox(), nil)
        recount(peer)
        if let owner = peer.owner {
            let left = perOwner[owner, default: 1] - 1
            perOwner[owner] = left > 0 ? left : nil
        }
        guard peer.mostBytes >= Self.worthReturning, !isReturningMemory else { return }
        isReturningMemory = true
        // Others may follow in a moment, and one return is enough for all. It takes milliseconds, so it happens elsewhere.
        let queue = DispatchQueue(label: "returning memory")
        queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            malloc_trim(0)
            Task { await self?.returnedMemory() }
        }
    }

    private func returnedMemory() { isReturningMemory = false }

    private static var worthReturning: Int { 256 << 10 }
}
