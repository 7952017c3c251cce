import Blocking
import JSONText

/// What is kept on disk about one movie's job from before the first wait, so that a restarted server finds its jobs again.
struct SlurmRecord: Codable, Equatable, Sendable {
    /// What the worker was told; a job for other numbers is not this one.
    var order: String
    /// The name it is submitted under, new for each submission.
    var name: String
    /// Nil from just before the submission until its number is known.
    var id: SlurmID?
    var submissions = 1
}

/// The files of one movie's job, shared with the nodes.
struct SlurmFiles: Sendable {
    private let base: String
    let folder: String

    init(folder: String, micrograph: String) {
        self.folder = folder
        // The identifier becomes a part of a path, so nothing in it may mean more than itself.
        base =
            "\(folder)/\(micrograph.map { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) ? $0 : "_" }.map(String.init).joined())"
    }

    var result: String { "\(base).result.json" }
    var log: String { "\(base).log" }
    var script: String { "\(folder)/gridpilot-job" }
    private var record: String { "\(base).job.json" }

    /// Returns what went wrong, as `save` does: both block, so they run on a lane, out of which nothing is thrown.
    func prepare() -> JobProblem? {
        do throws(Errno) { try Files.makeDirectories(folder) } catch { return Self.problem(folder, error.words) }
        // The command comes as its arguments: no value ever becomes a part of the script's text.
        let text = "#!/bin/sh\nexec \"$@\"\n"
        // One that cannot be read is written anew.
        if (try? Files.text(script)) == text { return nil }
        return write(text, to: script)
    }

    /// A record that cannot be read counts as none.
    func load() -> SlurmRecord? { (try? Files.text(record)).flatMap { try? JSONText.decode(SlurmRecord.self, from: $0) } }

    func save(_ record: SlurmRecord) -> JobProblem? {
        let text: String
        do { text = try JSONText.encode(record) } catch { return Self.problem(self.record, "\(error)") }
        return write(text, to: self.record)
    }

    private func write(_ text: String, to path: String) -> JobProblem? {
        do throws(Errno) { try Files.write(text, to: path) } catch { return Self.problem(path, error.words) }
        return nil
    }

    func clear() {
        for path in [record, result, log] { Files.removeTree(path) }
    }

    var lastWords: String { ChildEnding.lastWords(of: (try? Files.tail(log)) ?? "") }

    private static func problem(_ path: String, _ reason: String) -> JobProblem {
        JobProblem(sentence: "\(path), for the cluster's jobs, cannot be written: \(reason).")
    }
}
