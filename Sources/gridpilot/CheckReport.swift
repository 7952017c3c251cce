import JSONText
import Microscope
import RunModel
import Synchronization

/// What `check-serialem` prints: a line as soon as it is known, or all of them as JSON at the end.
final class CheckReport: Sendable {
    private struct Whole: Encodable {
        let address: String
        let isFine: Bool
        let lines: [CheckLine]
    }
    private let address: SerialEMAddress
    private let isJSON: Bool
    private let lines = Mutex<[CheckLine]>([])

    init(address: SerialEMAddress, isJSON: Bool) {
        self.address = address
        self.isJSON = isJSON
    }

    var isFine: Bool { lines.withLock { $0.allSatisfy { $0.state != .problem } } }

    func add(_ line: CheckLine) {
        lines.withLock { $0.append(line) }
        guard !isJSON else { return }
        Terminal.say("\(line.state.word) \(line.subject): \(line.sentence)")
        if let remedy = line.remedy { Terminal.say("          \(remedy)") }
    }

    /// Nothing can be asked. People read it from the error that ends the command.
    func fail(_ subject: String, _ problem: any Explained) {
        lines.withLock { $0.append(CheckLine(subject, .problem, problem.sentence, remedy: problem.remedy)) }
        finish()
    }

    func finish() {
        guard isJSON else { return }
        let whole = Whole(address: address.description, isFine: isFine, lines: lines.withLock { $0 })
        // Words alone: nothing in it that JSON has no words for.
        if let text = try? JSONText.encode(whole) { Terminal.say(text) }
    }
}

extension CheckLine.State {
    fileprivate var word: String {
        switch self {
        case .ok: "ok       "
        case .problem: "problem  "
        case .notAsked: "not asked"
        }
    }
}
