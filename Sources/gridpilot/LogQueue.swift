import Dispatch
import Foundation
import Synchronization

/// The server's log on its way to standard error.
///
/// A terminal that somebody has stopped, or a pipe that nobody reads, holds up whoever writes there. That is a thread of its own here, and neither the
/// network's nor the engine's nor the watchdog's. Lines for which there is no room are counted, and their number is told when there is.
final class LogQueue: TextOutputStream, Sendable {
    private enum Item {
        case line(String)
        case mark(DispatchSemaphore)
    }
    private struct State {
        var waiting: [Item] = []
        var leftOut = 0
    }
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let capacity: Int

    init(descriptor: Int32 = STDERR_FILENO, capacity: Int = 4096) {
        (self.descriptor, self.capacity) = (descriptor, capacity)
        let thread = Thread { self.work() }
        thread.name = "log"
        thread.start()
    }

    func write(_ line: String) {
        state.withLock { state in
            if state.waiting.count < capacity { state.waiting.append(.line(line)) } else { state.leftOut += 1 }
        }
        bell.signal()
    }

    /// Returns when all that was put in is written; false where that takes longer.
    @discardableResult
    func flush(within patience: Duration) -> Bool {
        let written = DispatchSemaphore(value: 0)
        state.withLock { $0.waiting.append(.mark(written)) }
        bell.signal()
        return written.wait(timeout: .now() + patience / .seconds(1)) == .success
    }

    private func work() {
        while true {
            bell.wait()
            let (items, leftOut) = state.withLock { state in
                defer { state = State() }
                return (state.waiting, state.leftOut)
            }
            for item in items where !isMark(item) { put(item) }
            if leftOut > 0 { write(all: "\(leftOut) lines of this log were left out: nobody took them.\n") }
            for item in items where isMark(item) { put(item) }
        }
    }

    private func isMark(_ item: Item) -> Bool { if case .mark = item { true } else { false } }

    private func put(_ item: Item) {
        switch item {
        case .line(let line): write(all: line)
        case .mark(let written): written.signal()
        }
    }

    /// What cannot be written is lost: there is nowhere to say so.
    private func write(all text: String) { Terminal.write(text, to: descriptor) }
}
