import Foundation
import JSONText
import Simulator
import Synchronization

/// The simulated microscope's record on a disk: a line for each entry, out before the command is answered.
final class LedgerFile: Sendable {
    /// What was there when it was opened.
    let history: [LedgerEntry]
    private let file: Mutex<Int32>
    private let path: String

    init(_ path: String) throws(CommandProblem) {
        self.path = path
        let whole: Int
        (history, whole) = try Self.read(path)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o664)
        guard descriptor >= 0 else {
            throw CommandProblem(
                "The ledger \(path) cannot be opened: \(SystemWords.last).", remedy: "Name another with --ledger.")
        }
        // The next line must not go on where a crash cut one short.
        guard ftruncate(descriptor, off_t(whole)) == 0 else {
            throw CommandProblem(
                "The ledger \(path) cannot be mended: \(SystemWords.last).", remedy: "Name another with --ledger.")
        }
        file = Mutex(descriptor)
    }

    deinit { file.withLock { _ = close($0) } }

    /// Called under the column's lock, in order. A microscope whose record cannot be kept ends: a ledger with a hole proves nothing.
    func append(_ entry: LedgerEntry) {
        let bytes = Array((entry.line + "\n").utf8)
        let written = file.withLock { file in bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } }
        guard written == bytes.count else {
            Terminal.complain("The ledger \(path) cannot be written: \(SystemWords.last).")
            exit(1)
        }
    }

    /// The entries, and how many bytes their lines take. A line that a crash cut short was never answered, so it is left out.
    private static func read(_ path: String) throws(CommandProblem) -> ([LedgerEntry], bytes: Int) {
        guard FileManager.default.fileExists(atPath: path) else { return ([], 0) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandProblem("The ledger \(path) cannot be read.", remedy: "Check its rights, or name another with --ledger.")
        }
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data[...$0] } ?? Data()
        var entries: [LedgerEntry] = []
        for (number, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
            do { entries.append(try JSONText.decode(LedgerEntry.self, from: Array(line))) } catch {
                throw CommandProblem(
                    "Line \(number + 1) of the ledger \(path) is no entry of a ledger.", remedy: "Name another with --ledger.")
            }
        }
        return (entries, whole.count)
    }
}
