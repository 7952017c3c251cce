import Blocking
import Engine
import Foundation
import RunModel

/// Sessions that run from a data directory, as their lock files tell.
enum RunningSession {
    /// A holder on another host, where nobody here can look, counts as living.
    static func refuse(in directory: DataDirectory) async throws(CommandProblem) {
        // No folder yet: no lock was ever taken.
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.locks)) ?? []).filter {
            $0.hasSuffix(".lock")
        }
        let files = LocalLockFiles(directory: directory.locks, disks: DiskLanes())
        for name in names.sorted() {
            let id = String(name.dropLast(".lock".count))
            switch await files.read(MicroscopeID(unchecked: id)) {
            case .holder(let holder)?:
                guard isLiving(holder) else { continue }
                throw CommandProblem(
                    "\(holder.person) is running session \(holder.session) on \(id); the check would push it out.",
                    remedy: "Wait until it has finished, or check all the same with --force.")
            case .silent(let problem)?: throw CommandProblem(problem.sentence, remedy: problem.remedy)
            case .unreadable?, nil: continue
            }
        }
    }

    private static func isLiving(_ holder: LockHolder) -> Bool {
        let identity = ProcessIdentity(host: holder.host, pid: holder.pid, bootID: holder.bootID, start: holder.processStart)
        return LocalProcesses().liveness(of: identity) != .gone
    }
}
