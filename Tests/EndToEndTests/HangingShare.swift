import Foundation
import TestSupport
import Testing

/// A disk that only the program under test sees, and that answers nothing while it is silent.
///
/// A tmpfs in a mount namespace of the program's own, which takes root; its silence is a library that is loaded into the program.
struct HangingShare: Sendable {
    let place: String
    private let library: String
    private let marker: String

    /// Whether this machine lets the test mount a disk, and has a compiler for C.
    static let isPossible: Bool = {
        let trial = ["--mount", "/bin/sh", "-c", "mount -t tmpfs none /mnt && cc --version >/dev/null"]
        // Where the program itself is missing, it is not possible either.
        guard geteuid() == 0, let process = try? Process.run(URL(fileURLWithPath: "/usr/bin/unshare"), arguments: trial) else {
            return false
        }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// `place` is made; `folder` holds what else is needed.
    init(at place: String, in folder: TemporaryFolder) throws {
        self.place = place
        library = folder.path(of: "hang.so")
        marker = folder.path(of: "is-silent")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let source = try #require(Bundle.module.url(forResource: "hang", withExtension: "c", subdirectory: "Resources")).path
        let compiler = try Process.run(
            URL(fileURLWithPath: "/usr/bin/env"), arguments: ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"])
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Program.Problem.notBuilt }
    }

    /// The program is the very process that is started: the shell and what comes before it give their place to it.
    func command(_ program: String) -> [String] {
        let script = """
            mount -t tmpfs none "$1" && shift && exec env "$@"
            """
        return [
            "/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", place, "LD_PRELOAD=\(library)", "HANG_UNDER=\(place)/",
            "HANG_WHILE=\(marker)", program,
        ]
    }

    func silence() throws { try Data().write(to: URL(fileURLWithPath: marker)) }
}
