import Blocking
import Foundation
import JSONText
import Simulator
import Synchronization

/// The simulated microscope's record on a disk: a line for each entry, out before the command is answered.
final class LedgerFile: Sendable {
    /// What was there when it was opened.
    let history: [LedgerEntry]
    private let file: FileDescriptor
    private let oneAtATime = Mutex(())
    private let path: String

    init(_ path: String) throws(CommandProblem) {
        self.path = path
        let whole: Int
        (history, whole) = try Self.read(path)
        do throws(Errno) {
            file = try Files.inSystemWords {
                try FileDescriptor.open(
                    path, .writeOnly, options: [.append, .create, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupReadWrite, .otherRead])
            }
        } catch {
            throw CommandProblem("The ledger \(path) cannot be opened: \(error.words).", remedy: "Name another with --ledger.")
        }
        // The next line must not go on where a crash cut one short.
        do { try file.resize(to: Int64(whole)) } catch {
            throw CommandProblem(
                "The ledger \(path) cannot be mended: \(Errno.last.words).", remedy: "Name another with --ledger.")
        }
    }

    // Each line was out before its command was answered: closing loses nothing.
    deinit { try? file.close() }

    /// Called under the column's lock, in order. A microscope whose record cannot be kept ends: a ledger with a hole proves nothing.
    func append(_ entry: LedgerEntry) {
        do throws(Errno) {
            try Files.inSystemWords { _ = try oneAtATime.withLock { _ in try file.writeAll((entry.line + "\n").utf8) } }
        } catch {
            Terminal.complain("The ledger \(path) cannot be written: \(error.words).")
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
