import Foundation
import RunModel
import Store

/// The directory that holds everything a server keeps.
struct DataDirectory {
    /// Absolute, without a slash at its end.
    let path: String

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var database: String { "\(path)/gridpilot.sqlite" }
    var locks: String { "\(path)/locks" }
    var sessions: String { "\(path)/sessions" }

    /// Makes what is missing of it.
    func prepare() throws(CommandProblem) {
        for directory in [path, locks, sessions] {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            } catch {
                throw CommandProblem(
                    "The data directory \(directory) cannot be made: \(Self.reason(error)).",
                    remedy: "Name a directory that may be written to with --data.")
            }
            guard access(directory, W_OK | X_OK) == 0 else {
                throw CommandProblem(
                    "The data directory \(directory) cannot be written to: \(SystemWords.last).",
                    remedy: "Change its owner or its rights, or name another with --data.")
            }
        }
    }

    func openStore() throws(StoreError) -> RunStore { try RunStore.open(at: database) }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let underlying, underlying.domain == NSPOSIXErrorDomain else { return "its name is taken by something else" }
        return String(cString: strerror(Int32(underlying.code))).lowercased()
    }
}
