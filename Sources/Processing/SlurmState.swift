/// Where a job stands, in the words of `squeue` and `sacct`.
enum SlurmState: Equatable {
    /// Waiting, running or completing.
    case going
    /// Ended by itself without complaint.
    case completed
    /// Never ran, or lost its node: nothing is wrong with the movie.
    case lost(String)
    case failed(String)
    case timedOut
    case outOfMemory
    case cancelled
    /// The scheduler has forgotten it, or never knew it.
    case unknown
    /// The scheduler did not answer, with its last words.
    case noAnswer(String)

    /// `word`: a state, as in `COMPLETED` or `CANCELLED by 1000`. `reason`: why, where SLURM says so.
    init(word: String, reason: String = "") {
        let state = word.prefix { $0 != " " && $0 != "+" }
        let told = reason.isEmpty || reason == "None" ? "\(state)" : "\(state), \(reason)"
        switch state {
        case "COMPLETED": self = .completed
        // The node could not start it, or a signal ended its first process: both may pass.
        case "FAILED" where reason == "JobLaunchFailure": self = .lost(told)
        case "NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "REVOKED": self = .lost(told)
        case "FAILED", "DEADLINE": self = .failed(told)
        case "TIMEOUT": self = .timedOut
        case "OUT_OF_MEMORY": self = .outOfMemory
        case "CANCELLED": self = .cancelled
        default: self = .going
        }
    }
}

/// One job in an answer of `squeue --format=%i|%T|%r`, or of `sacct --format=JobID,State,Reason`.
struct SlurmLine: Equatable {
    var id: String
    var state: SlurmState

    static func list(_ text: String) -> [SlurmLine] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 2, !fields[0].isEmpty, fields[0].allSatisfy(\.isNumber) else { return nil }
            return SlurmLine(id: fields[0], state: SlurmState(word: fields[1], reason: fields.count > 2 ? fields[2] : ""))
        }
    }
}

/// A job's number, and its cluster where there are several: `sbatch --parsable` says `123` or `123;cluster`.
struct SlurmID: Codable, Equatable, Sendable {
    var number: String
    var cluster: String?

    init(number: String, cluster: String? = nil) {
        self.number = number
        self.cluster = cluster
    }

    init?(_ answer: String) {
        // A site's own remarks may come before it.
        guard let line = answer.split(whereSeparator: \.isNewline).last else { return nil }
        let parts = line.split(separator: ";").map { String($0.filter { !$0.isWhitespace }) }
        guard let number = parts.first, !number.isEmpty, number.allSatisfy(\.isNumber) else { return nil }
        self.init(number: number, cluster: parts.count > 1 ? parts[1] : nil)
    }

    var options: [String] { cluster.map { ["--clusters=\($0)"] } ?? [] }
}
