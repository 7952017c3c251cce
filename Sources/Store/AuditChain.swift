import GRDB
import Hashing
import RunModel

/// How the rows of the audit log hold each other: each has the hash of the one before it, and one of its own over all that it says.
///
/// The hash is SHA-256 over the fields as netstrings (`4:stop,`), in the order below and with the word for this form before them. Whoever has a
/// copy of the file can compute it again without this program; and nothing can be moved from one field into the next.
enum AuditChain {
    static let form = "gridpilot audit 1"
    /// What stands before the first row.
    static let beginning = String(repeating: "0", count: 64)
    static let columns = "n, at, person, role, address, act, subject, detail, outcome, code, previous, hash"
    /// The act of a row that says that others before it are gone.
    static let breakAct = "auditBroken"

    struct Row {
        var number: Int64
        var at: Int64
        var person: String
        var role: String
        var address: String
        var act: String
        var subject: String
        /// JSON, as it is stored.
        var detail: String
        var outcome: String
        var code: String
        var previous: String
        var hash = ""

        var ownHash: String {
            let fields = [
                AuditChain.form, "\(number)", "\(at)", person, role, address, act, subject, detail, outcome, code, previous,
            ]
            return Digest.sha256(fields.flatMap { Array("\($0.utf8.count):\($0),".utf8) })
        }
    }
}

extension AuditChain.Row {
    /// Of the columns in their order.
    init(_ row: Row) {
        self.init(
            number: row[0], at: row[1], person: row[2], role: row[3], address: row[4], act: row[5], subject: row[6],
            detail: row[7], outcome: row[8], code: row[9], previous: row[10], hash: row[11])
    }
}

/// The end of the chain. Kept elsewhere it proves later that nothing up to there was changed or cut off.
public struct AuditHead: Hashable, Sendable {
    public var number: Int64
    public var hash: String

    public init(number: Int64, hash: String) {
        self.number = number
        self.hash = hash
    }

    /// `12:9f86d0…`
    public var text: String { "\(number):\(hash)" }

    public init?(text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let number = Int64(halves[0]), number > 0, halves[1].utf8.count == 64,
            halves[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.init(number: number, hash: String(halves[1]))
    }
}
