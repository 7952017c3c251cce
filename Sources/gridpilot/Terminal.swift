import Glibc
import RunModel

/// What the program says: each line is out when the call returns.
enum Terminal {
    static func say(_ line: String) { write("\(line)\n", to: STDOUT_FILENO) }

    static func complain(_ problem: any Explained) {
        write(problem.sentence + "\n" + (problem.remedy.map { $0 + "\n" } ?? ""), to: STDERR_FILENO)
    }

    static func complain(_ text: String) { write("\(text)\n", to: STDERR_FILENO) }

    /// One line from standard input, without its end; nil when there is nothing.
    static func readSecret() -> String? {
        let line = readLine(strippingNewline: true)
        return line?.hasSuffix("\r") == true ? line.map { String($0.dropLast()) } : line
    }

    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Whoever listened has gone.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Why a command of the terminal cannot do what it was asked for.
struct CommandProblem: Explained, Equatable {
    var sentence: String
    var remedy: String?
    var code: String { "command.refused" }

    init(_ sentence: String, remedy: String? = nil) {
        self.sentence = sentence
        self.remedy = remedy
    }
}
