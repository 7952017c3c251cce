import Blocking
import Foundation
import RunModel
import Store

/// Which store stands in which data directory, written down beside the configuration file and so on another disk: an empty mount point looks
/// just like a data directory that is new.
///
/// `FILE.gridpilot-data` is JSON, from each data directory to its store's identity.
struct StoreMarker {
    let file: String
    /// The operator has said that what is found, or made anew, is right.
    let acceptsAny: Bool
    /// What is to be done, for the remedy.
    private let act: String

    init(configuration: String, acceptsAny: Bool, act: String = "start") {
        self.act = act
        file = URL(fileURLWithPath: configuration).standardizedFileURL.path + ".gridpilot-data"
        self.acceptsAny = acceptsAny
    }

    /// Before anything is made in the directory.
    func check(_ directory: DataDirectory) throws {
        guard !acceptsAny, let known = try read()[directory.path], !RunStore.isRestoring(directory.database) else { return }
        let found: String?
        // Why a store cannot be looked at is told when it is opened.
        do throws(StoreError) { found = try RunStore.identity(at: directory.database) } catch { return }
        guard let found else { throw missing(directory) }
        guard found == known else {
            throw CommandProblem(
                "\(directory.path) holds another store than the one that was used with this configuration before.",
                remedy: "Mount the right disk, or \(act) with --new to go on with the store that is there.")
        }
    }

    private func missing(_ directory: DataDirectory) -> CommandProblem {
        CommandProblem(
            "The store that was used with this configuration before is not in \(directory.path): is its disk mounted?",
            remedy: "Mount it, or \(act) with --new to begin anew there. \(file) remembers the store.")
    }

    /// Nil when it is written; else a sentence for the log, since a server that runs is worth more than the marker.
    func note(_ store: RunStore, in directory: DataDirectory) -> String? {
        do {
            // One that could not be read was refused before; with --new it is written anew.
            var known = (try? read()) ?? [:]
            guard known[directory.path] != store.identity else { return nil }
            known[directory.path] = store.identity
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try Files.write(Array(try encoder.encode(known)) + [UInt8(ascii: "\n")], to: file)
            return nil
        } catch {
            let reason = (error as? Errno)?.words ?? "\(error)"
            return "\(file) cannot be written (\(reason)), so that an empty mount point would be taken for a new data directory."
        }
    }

    private func read() throws(CommandProblem) -> [String: String] {
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(try Files.read(file)))
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            return [:]
        } catch {
            throw CommandProblem(
                "\(file), which remembers the stores of this configuration, cannot be read.",
                remedy: "Correct its rights or its JSON, or start with --new to write it anew.")
        }
    }
}
