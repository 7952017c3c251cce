import ArgumentParser
import Blocking
import Engine
import Foundation
import RunModel
import Store
import WebServer

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks what the installation needs, a line each. Changes nothing.")

    @Option(help: "The server's data directory. (default: data)") var data: String?
    @Option(help: "The server's configuration file: its data directory is taken, and its programs are looked for.") var config:
        String?

    func run() async throws {
        // Why a configuration cannot be used has a line of its own below.
        let file = config.flatMap { try? Configuration(file: $0) }
        let directory = DataDirectory(data ?? file?.data ?? "data")
        var findings =
            [Checks.web(), Checks.recipes(), Checks.processes(), Checks.descriptors(.current.raised)] + Checks.user(geteuid())
        if let config { findings += Checks.configuration(config) }
        findings += await Checks.data(directory)
        for finding in findings { Terminal.say("\(finding.word) \(finding.sentence)") }
        if findings.contains(where: { !$0.isFine }) { throw ExitCode.failure }
    }
}

/// One line of `gridpilot doctor`.
struct Finding: Equatable {
    var isFine: Bool
    var sentence: String
    /// Nothing is wrong, and something could be better.
    var isAdvice = false

    fileprivate var word: String { isAdvice ? "advice  " : isFine ? "ok      " : "problem " }

    static func fine(_ sentence: String) -> Finding { Finding(isFine: true, sentence: sentence) }
    static func advice(_ sentence: String) -> Finding { Finding(isFine: true, sentence: sentence, isAdvice: true) }
    static func problem(_ sentence: String) -> Finding { Finding(isFine: false, sentence: sentence) }
}

enum Checks {
    /// Below this a session of a few grids is not worth starting.
    private static let leastBytes = 10_000_000_000

    static func web() -> Finding {
        do throws(CommandProblem) { return .fine("The pages are in \(try WebFolder.find(told: nil)).") } catch {
            return .problem(error.explanation)
        }
    }

    static func recipes() -> Finding {
        do throws(RecipeProblem) {
            return .fine("Recipes: \(try RecipeBook.shipped().all.map(\.title).joined(separator: "; ")).")
        } catch {
            return .problem(error.explanation)
        }
    }

    /// What the configuration says, and whether the programs that it names are there.
    static func configuration(_ file: String) -> [Finding] {
        do throws(CommandProblem) {
            let configuration = try Configuration(file: file)
            let missing =
                configuration.processing.missingPrograms() + configuration.detectors.compactMap(missingGain)
                + configuration.detectors.compactMap(missingDefects)
            let secrets = [configuration.tls?.key, configuration.metricsTokenFile].compactMap { $0.flatMap(problem(ofSecret:)) }
            return
                (missing.isEmpty
                ? [.fine("The configuration \(file) can be used, and its programs are here.")]
                : missing.map { .problem($0.explanation) }) + secrets + problems(ofRecipes: configuration.recipes)
        } catch {
            return [.problem(error.explanation)]
        }
    }

    /// A file that cannot be followed keeps no server from starting, and its recipe from every session.
    private static func problems(ofRecipes folder: String?) -> [Finding] {
        do throws(RecipeProblem) { return try RecipeBook.load(from: folder).problems.map { .problem($0.explanation) } } catch {
            return [.problem(error.explanation)]
        }
    }

    /// A group may read a key, as on Debian; nobody else may, and only its owner may write it.
    static func problem(ofSecret file: String) -> Finding? {
        guard let status = Files.status(file), status.permissions.rawValue & 0o026 != 0 else { return nil }
        return .problem("Others than its owner can read or change \(file). Take that from them: chmod o-rwx,g-w \(file)")
    }

    private static func missingDefects(_ detector: DetectorEntry) -> CommandProblem? {
        guard let defects = detector.description.defects, access(defects, R_OK) != 0 else { return nil }
        return CommandProblem(
            "The defects \(defects) of \(detector.id) cannot be read.", remedy: "Check its path and its rights.")
    }

    private static func missingGain(_ detector: DetectorEntry) -> CommandProblem? {
        guard let gain = detector.description.gain, access(gain.file, R_OK) != 0 else { return nil }
        return CommandProblem(
            "The gain reference \(gain.file) of \(detector.id) cannot be read.", remedy: "Check its path and its rights.")
    }

    /// Locks tell a living holder from a dead one by what the kernel says of processes.
    static func processes() -> Finding {
        let this = LocalProcesses()
        let canTell = !this.this.bootID.isEmpty && this.this.start > 0 && this.liveness(of: this.this) == .alive
        return canTell
            ? .fine("Processes can be told apart, on host \(this.this.host).")
            : .problem("The kernel's /proc cannot be read, so that locks of dead runs would not be recognised. Mount /proc.")
    }

    /// A server raises the limit by itself as far as it may.
    static func descriptors(_ limit: DescriptorLimit) -> Finding {
        guard let links = limit.links else { return .problem("\(limit.sentence) \(DescriptorLimit.remedy)") }
        return links >= WebServer.Limits().connections
            ? .fine(limit.sentence) : .advice("\(limit.sentence) \(DescriptorLimit.remedy)")
    }

    static let rootSentence = "GridPilot runs as root, so that whatever goes wrong in it may touch the whole machine."

    static func user(_ id: uid_t) -> [Finding] {
        id == 0 ? [.advice("\(rootSentence) Run it as a user of its own, which owns the data directory.")] : []
    }

    static func data(_ directory: DataDirectory) async -> [Finding] {
        guard access(directory.path, F_OK) == 0 else {
            return [
                .problem("There is no data directory \(directory.path). It is made by: gridpilot serve --data \(directory.path)")
            ]
        }
        guard access(directory.path, W_OK | X_OK) == 0 else {
            return [
                .problem("The data directory \(directory.path) cannot be written to: \(Errno.last.words). Change its rights.")
            ]
        }
        return [.fine("The data directory \(directory.path) may be written to.")] + database(directory) + [await space(directory)]
            + RightsCheck.findings(directory) + locks(directory)
    }

    private static func database(_ directory: DataDirectory) -> [Finding] {
        let problems = RunStore.check(directory.database)
        return problems.isEmpty ? [.fine("The database is whole.")] : problems.map(Finding.problem)
    }

    private static func space(_ directory: DataDirectory) async -> Finding {
        let files = LocalFiles(root: directory.path, disks: DiskLanes())
        do throws(RunFileError) {
            return judge(try await files.space(at: directory.path), at: directory.path)
        } catch {
            return .problem(error.explanation)
        }
    }

    static func judge(_ space: DiskSpace, at path: String) -> Finding {
        let sentence = "\(space.freeBytes.writtenBytes) of \(space.totalBytes.writtenBytes) are free at \(path)."
        return space.freeBytes >= leastBytes ? .fine(sentence) : .problem("\(sentence) Free some before a session begins.")
    }

    private static func locks(_ directory: DataDirectory) -> [Finding] {
        // No folder yet: no lock was ever taken.
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory.locks)) ?? []).filter {
            $0.hasSuffix(".lock")
        }
        return files.sorted().map {
            .fine("There is a lock file \(ForeignText.line($0, longest: 200)); a start clears it if its holder is gone.")
        }
    }
}
