import Blocking
import JSONText
import RunModel

/// What a worker leaves for a server that cannot read its output: a measurement, or the sentence of its refusal, in a file.
struct WorkerRefusal: Codable, Equatable {
    var sentence: String

    init(sentence: String) { self.sentence = sentence }

    /// Nil where the text is something else.
    init?(_ text: String) {
        guard let read = try? JSONText.decode(WorkerRefusal.self, from: text) else { return nil }
        self = read
    }
}

extension WorkerOrder {
    /// Works on the movie and writes the answer to a file, whole or not at all. What went wrong is written there too, and thrown.
    public func carryOut(into result: String) async throws {
        do {
            try Self.write(JSONText.encode(try await carryOut()), to: result)
        } catch {
            let sentence = (error as? any Explained)?.explanation ?? "\(error)"
            try Self.write(JSONText.encode(WorkerRefusal(sentence: sentence)), to: result)
            throw error
        }
    }

    private static func write(_ text: String, to path: String) throws(JobProblem) {
        do throws(Errno) { try Files.write(text, to: path) } catch {
            throw JobProblem(sentence: "The result \(path) cannot be written: \(error.words).")
        }
    }
}
