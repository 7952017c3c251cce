import Blocking
import Glibc

/// A link that the system does not hand out, because of something that this process, or the whole machine, has too many of.
///
/// The library says so and looks again at once, for as long as somebody waits to be let in: a hundred thousand lines a second.
struct RefusedAccept: Equatable {
    let reason: Errno

    /// Nil for any other line of the library.
    init?(line: String) {
        let beginning = "accept: errno "
        guard line.hasPrefix(beginning), let code = Int32(line.dropFirst(beginning.count)) else { return nil }
        reason = Errno(rawValue: code)
    }

    func words(_ times: Int) -> String {
        "A new link could not be taken\(times == 1 ? "" : ", \(times) times by now"): the system says: \(reason)."
    }

    /// On the network thread, and no longer than the other links can wait: they are served in between.
    func rest() { usleep(10_000) }
}
