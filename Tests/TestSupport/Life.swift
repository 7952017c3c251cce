import Foundation

/// A pipe that every process of a test holds open at its other end: it ends with the last of them.
public final class Life: Sendable {
    public let path: String
    private let file: Int32

    public init(_ path: String) {
        self.path = path
        mkfifo(path, 0o600)
        file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    deinit { close(file) }

    /// Comes back when somebody wrote into it.
    public func ready() async -> Bool { await blocking { self.next() > 0 } }

    /// True when nobody holds it any more, or nobody does within ten seconds.
    public func isOver() async -> Bool {
        await blocking {
            while true {
                let count = self.next()
                if count <= 0 { return count == 0 }
            }
        }
    }

    /// Bytes that came, 0 at the end, negative where neither came.
    private func next() -> Int {
        var event = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, 10_000) == 1 else { return -1 }
        var bytes = [UInt8](repeating: 0, count: 256)
        return read(file, &bytes, bytes.count)
    }

    /// On a thread that may block.
    private func blocking(_ work: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
