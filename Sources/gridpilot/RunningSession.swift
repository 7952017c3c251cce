import Blocking
import Engine
import RunModel

/// Sessions that run from a data directory, as their lock files tell.
enum RunningSession {
    /// Refuses while one runs on this microscope, and where nobody could look: what cannot be read is never taken for nothing there.
    /// Without `microscope`, where nobody knows which one an address belongs to, a session on any counts.
    static func refuse(
        in directory: DataDirectory, on microscope: MicroscopeID?, disks: DiskLanes = DiskLanes()
    ) async throws(CommandProblem) {
        let files = LocalLockFiles(directory: directory.locks, disks: disks)
        for id in try await microscopes(in: directory, disks) where microscope == nil || id == microscope?.rawValue {
            switch await files.read(MicroscopeID(unchecked: id)) {
            case .holder(let holder)?: try refuse(holder, on: id, isKnown: microscope != nil)
            case .silent(let problem)?: throw unseen(problem.sentence)
            case .unreadable?, .noFile?, .closed?, .unknownForm?:
                throw unseen("The lock file \(directory.locks)/\(id).lock cannot be read: a session may be running.")
            // Gone since the folder was listed.
            case nil: continue
            }
        }
    }

    /// Those that have a lock file.
    private static func microscopes(in directory: DataDirectory, _ disks: DiskLanes) async throws(CommandProblem) -> [String] {
        let folder = directory.locks
        let names: Result<[String], Errno>
        do throws(BlockingProblem) {
            names = try await disks.run(at: folder, deadline: .seconds(5)) {
                Result { () throws(Errno) in try Files.names(in: folder) }
            }
        } catch {
            throw unseen(error.sentence)
        }
        do throws(Errno) {
            return try names.get().filter { $0.hasSuffix(".lock") }.map { String($0.dropLast(".lock".count)) }.sorted()
        } catch {
            // A server makes this folder when it starts, so that one without it is another folder, or its disk is away.
            throw unseen("The lock files in \(folder) cannot be read: \(error.words).")
        }
    }

    private static func unseen(_ sentence: String) -> CommandProblem {
        CommandProblem(
            sentence,
            remedy:
                "Name the server's data directory with --data and check that it can be read, or check all the same with --force.")
    }

    /// A holder on another host, where nobody here can look, counts as living.
    private static func refuse(_ holder: LockHolder, on id: String, isKnown: Bool) throws(CommandProblem) {
        guard LocalProcesses().liveness(of: holder.process) != .gone else { return }
        let session = "\(holder.person) is running session \(holder.session) on \(id)"
        guard !isKnown else {
            throw CommandProblem(
                "\(session); the check would push it out.",
                remedy: "Wait until it has finished, or check all the same with --force.")
        }
        throw CommandProblem(
            "\(session), which may be the microscope at this address; the check would push it out.",
            remedy: "Name the microscope with --config in place of HOST and PORT, or check all the same with --force.")
    }
}
