import ArgumentParser
import Dispatch

/// `PART:AFTER:FOR`: which part is to be kept from everything, how many seconds from now, and for how many. Only the demo takes one.
struct StallOrder: ExpressibleByArgument, Equatable {
    let part: String
    let after: Double
    let seconds: Double

    init?(argument: String) {
        let words = argument.split(separator: ":").map(String.init)
        guard words.count == 3, ["engine", "network", "requests"].contains(words[0]), let after = Double(words[1]),
            let seconds = Double(words[2]),
            (0...86_400).contains(after), (0...86_400).contains(seconds)
        else { return nil }
        (part, self.after, self.seconds) = (words[0], after, seconds)
    }
}

extension Watchdog {
    /// Returns at once.
    func carryOut(_ order: StallOrder) {
        for part in watched where part.key == order.part {
            DispatchQueue.global().asyncAfter(deadline: .now() + order.after) { part.stall(for: .seconds(order.seconds)) }
        }
    }
}
