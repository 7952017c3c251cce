import Foundation

/// What each thread is at, for a program that ends in the middle of it: a trap, or somebody whose patience is over.
enum LastWords {
    private static let threads = 64
    private static let width = 256
    /// A line for each thread. Plain memory, since a signal's handler may use nothing else; each thread writes its own line alone.
    nonisolated(unsafe) private static let lines = UnsafeMutablePointer<UInt8>.allocate(capacity: threads * width)

    /// From here on, a signal that ends the program says what was under way.
    static func listen() {
        lines.initialize(repeating: 0, count: threads * width)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGTERM, SIGINT] {
            signal(number) { number in
                LastWords.write()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// `command`: what to type to see it again.
    static func note(_ command: String, on thread: Int) {
        let line = lines + (thread % threads) * width
        let bytes = Array("Ended in the middle of: \(command)\n".utf8.prefix(width))
        line[0] = 0
        for index in bytes.indices.dropFirst() { line[index] = bytes[index] }
        if bytes.count < width { line[bytes.count] = 0 }
        line[0] = bytes[0]
    }

    private static func write() {
        for thread in 0..<threads {
            let line = lines + thread * width
            var count = 0
            while count < width, line[count] != 0 { count += 1 }
            if count > 0 { _ = Glibc.write(STDERR_FILENO, line, count) }
        }
    }
}
