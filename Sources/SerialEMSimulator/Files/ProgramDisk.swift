import Glibc
import Imaging

/// The disks of the microscope's computer, which are folders of ours.
struct ProgramDisk: Sendable {
    /// From the top, since a client asks for it.
    let directory: String
    /// Where SerialEM stands when it starts.
    static let home = #"C:\SerialEM"#

    init(directory: String) {
        var path = directory
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        // Where the working folder is gone, paths from it are all that is left.
        guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else {
            self.directory = path
            return
        }
        self.directory = "\(String(cString: here))/\(path)"
        free(here)
    }

    func prepare() {
        // A folder that cannot be made is noticed by the first command that writes.
        if let home = try? WindowsPath(Self.home, in: nil) { try? makeFolder(host(home)) }
    }

    func host(_ path: WindowsPath) -> String { ([directory] + path.hostParts).joined(separator: "/") }

    func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// With every folder above it.
    func makeFolder(_ path: String) throws(SerialEMProblem) {
        var so = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            so += "/" + part
            if mkdir(so, 0o755) != 0 && errno != EEXIST {
                throw .sentence("The folder could not be made: \(Self.reason), in line:")
            }
        }
        guard isFolder(path) else { throw .sentence("The folder could not be made: something else is called so, in line:") }
    }

    /// Appears under its name when it is whole.
    func write(_ text: String, to path: String) throws(SerialEMProblem) {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let hidden = path[..<slash] + "." + path[slash...] + ".new"
        let file = open(String(hidden), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .sentence("The file could not be written: \(Self.reason), in line:") }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes = bytes.dropFirst(count)
        }
        let isWhole = bytes.isEmpty && close(file) == 0
        guard isWhole, rename(String(hidden), path) == 0 else {
            let reason = Self.reason
            unlink(String(hidden))
            throw .sentence("The file could not be written: \(reason), in line:")
        }
    }

    /// nil for a folder that is not there.
    func freeMegabytes(_ path: String) -> Double? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Double(status.f_bavail) * Double(status.f_frsize) / 1_048_576
    }

    private static var reason: String { String(cString: strerror(errno)).lowercased() }
}

extension SimulatedSerialEM {
    /// A file as a client names it: below the working directory where it names no drive.
    func path(_ text: String) throws(SerialEMProblem) -> WindowsPath {
        guard !text.isEmpty else { throw .sentence("A file name is missing, in line:") }
        return try WindowsPath(text, in: read(\.files.directory))
    }

    func write(_ document: MDoc, to file: String) async throws(SerialEMProblem) {
        try await work { [disk] () throws(SerialEMProblem) in try disk.write(document.text, to: file) }
    }
}
