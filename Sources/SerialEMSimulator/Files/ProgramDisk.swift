import Blocking
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

    /// Windows does not tell capitals from small letters: what is there under another spelling is what is meant.
    func host(_ path: WindowsPath) -> String {
        path.hostParts.reduce(directory) { folder, part in
            let exact = "\(folder)/\(part)"
            if Files.exists(exact) { return exact }
            guard let names = try? Files.names(in: folder),
                let other = names.first(where: { $0.lowercased() == part.lowercased() })
            else { return exact }
            return "\(folder)/\(other)"
        }
    }

    /// Without the folders of the computer that this runs on: clients know only its drives.
    func concealed(_ text: String) -> String {
        let pieces = text.split(separator: directory + "/", omittingEmptySubsequences: false)
        return pieces.dropFirst().reduce(String(pieces.first ?? "")) { $0 + Self.windowsText($1) }
    }

    /// `C/peer/x.mrc cannot be read` as `C:\peer\x.mrc cannot be read`.
    private static func windowsText(_ text: Substring) -> String {
        let path = text.prefix { $0 != " " && $0 != "," }
        let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let drive = parts.first.map { $0.count == 1 ? "\($0):" : "\\\\\($0)" } ?? ""
        let rest = parts.dropFirst().first.map { "\\" + $0.replacing("/", with: "\\") } ?? ""
        return drive + rest + text.dropFirst(path.count)
    }

    func exists(_ path: String) -> Bool { Files.exists(path) }

    func isFolder(_ path: String) -> Bool { Files.isDirectory(path) }

    /// With every folder above it.
    func makeFolder(_ path: String) throws(SerialEMProblem) {
        do throws(Errno) { try Files.makeDirectories(path) } catch {
            let reason = error == .fileExists ? "something else is called so" : error.words
            throw .sentence("The folder could not be made: \(reason), in line:")
        }
    }

    /// Appears under its name when it is whole.
    func write(_ text: String, to path: String) throws(SerialEMProblem) {
        do throws(Errno) { try Files.write(text, to: path) } catch {
            throw .sentence("The file could not be written: \(error.words), in line:")
        }
    }

    func remove(_ path: String) throws(SerialEMProblem) {
        do throws(Errno) { try Files.retried { unlink(path) } } catch {
            throw .sentence("The file could not be removed: \(error.words), in line:")
        }
    }

    func mayWrite(in folder: String) -> Bool { access(folder, W_OK) == 0 }

    /// Empty where there is none.
    func text(_ path: String) -> String { (try? Files.text(path, limit: 64 << 20)) ?? "" }

    /// nil for a folder that is not there.
    func freeMegabytes(_ path: String) -> Double? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Double(status.f_bavail) * Double(status.f_frsize) / 1_048_576
    }
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
