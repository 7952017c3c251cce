import Imaging
import Microscope

/// Image files as scripts handle them: several open ones, old ones, copies.
extension SimulatedSerialEM {
    static let imageFileRows: [ScriptCommand] = [
        .init("OpenOldFile", "S", acts: openOldFile), .init("ReadFile", "Is", acts: readFile),
        .init("SaveToOtherFile", "SSSS", acts: saveToOtherFile), .init("SnapshotToFile", "DDSSSS", acts: snapshotToFile),
        .init("SwitchToFile", "I", switchToFile), .init("ReportFileNumber", "", reportFileNumber),
        .init("ReportNumOpenFiles", "", reportNumOpenFiles), .init("ReportOpenImageFile", "Ii", reportOpenImageFile),
        .init("RemoveFile", "S", acts: removeFile), .init("UserSetDirectory", "s", userSetDirectory),
        .init("EnterNameOpenFile", "s", enterNameOpenFile), .init("MakeDateTimeDir", "", acts: makeDateTimeDirectory),
        .init("IsDirectoryWritable", "S", isDirectoryWritable), .init("ReportNumMontagePieces", "", reportNumMontagePieces),
    ]

    private func openOldFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let path = try path(call.lastText)
        let (host, files) = (disk.host(path), read(\.files))
        if let index = files.files.firstIndex(where: { $0.path == path }) {
            change { $0.files.index = index }
            return .nothing
        }
        guard files.files.count < OpenFiles.most else { throw .sentence("There are too many open files, in line:") }
        guard disk.exists(host) else { throw .sentence("The file \(path.text) does not exist, in line:") }
        let file = try await work { [disk] () throws(SerialEMProblem) in
            var file = OpenFile(path: path, host: host)
            do throws(ImagingError) { file.stack = try MRCStack(opening: host) } catch { throw SerialEMProblem(error) }
            file.document = MDoc(disk.text(file.documentFile))
            file.isMontage = file.document.globals.contains { $0.key == "Montage" }
            return file
        }
        change { $0.files.open(file) }
        return .nothing
    }

    /// A section of the open file, into P where no buffer is named.
    private func readFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let file = try presentFile()
        let place = call.has(1) ? try bufferIndex(call, 1) : 15
        guard (0..<file.sections).contains(call.integer(0)) else {
            throw .sentence("There is no section \(call.integer(0)) in the open file, in line:")
        }
        let buffer = try await readImage(file.path, call.integer(0))
        change { $0.buffers[place] = buffer }
        return .nothing
    }

    /// Buffer, kind of file, compression and name. Whatever kind is asked for, what is written is MRC.
    private func saveToOtherFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        try checkKind(call.text(1))
        try await write(buffer, to: call.lastText)
        return .nothing
    }

    private func checkKind(_ kind: String) throws(SerialEMProblem) {
        guard ["MRC", "TIF", "TIFF", "JPG", "JPEG", "-1", "CUR"].contains(kind.uppercased()) else {
            throw .sentence("\(kind.prefix(40)) is not a kind of file, in line:")
        }
    }

    private func write(_ buffer: ImageBuffer, to name: String) async throws(SerialEMProblem) {
        let file = try newFile(name, isMontage: false)
        _ = try await append(buffer, to: file)
    }

    /// The image in A. Here it is shown as it is, so zoom and limits change nothing.
    private func snapshotToFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call.withoutArguments, 0)
        try await write(buffer, to: call.lastText)
        return .nothing
    }

    private func switchToFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try change { state throws(SerialEMProblem) in
            guard state.files.files.indices.contains(call.integer(0) - 1) else {
                throw .sentence("There is no open file of number \(call.integer(0)), in line:")
            }
            state.files.index = call.integer(0) - 1
        }
        return .nothing
    }

    /// -1 where none is open.
    private func reportFileNumber(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let files = read(\.files)
        return [.count(files.present == nil ? -1 : files.index + 1)]
    }

    private func reportNumOpenFiles(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.files.files).count)]
    }

    private func reportOpenImageFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let files = read(\.files.files)
        guard files.indices.contains(call.integer(0) - 1) else {
            throw .sentence("There is no open file of number \(call.integer(0)), in line:")
        }
        return Self.described(files[call.integer(0) - 1].path, inParts: call.isSet(1))
    }

    private func removeFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let path = try path(call.lastText)
        guard !read(\.files.files).contains(where: { $0.path == path }) else {
            throw .sentence("The file \(path.text) is open, in line:")
        }
        let host = disk.host(path)
        try await work { [disk] () throws(SerialEMProblem) in
            guard disk.exists(host), !disk.isFolder(host) else {
                throw .sentence("The file \(path.text) does not exist, in line:")
            }
            try disk.remove(host)
        }
        return .nothing
    }

    /// Whoever is asked leaves the folder as it is.
    private func userSetDirectory(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard settings.boxes != .refuse else { throw .sentence("Nobody is there to choose a folder, in line:") }
        return [.text(read(\.files.directory)?.text ?? ProgramDisk.home)]
    }

    private func enterNameOpenFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard settings.boxes == .yes else { throw .sentence("Nobody is there to enter a name, in line:") }
        let file = try newFile("simulated_\(WallTime(moment.at).compact).mrc", isMontage: false)
        change { $0.files.open(file) }
        return .nothing
    }

    private func makeDateTimeDirectory(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let folder = try path(WallTime(moment.at).compact)
        let host = disk.host(folder)
        try await work { [disk] () throws(SerialEMProblem) in try disk.makeFolder(host) }
        change { $0.files.directory = folder }
        return [.text(folder.text)]
    }

    private func isDirectoryWritable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let host = disk.host(try path(call.lastText))
        return [.flag(disk.isFolder(host) && disk.mayWrite(in: host))]
    }

    private func reportNumMontagePieces(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard read(\.files).present?.isMontage == true else { throw .sentence("There is no open montage, in line:") }
        let plan = read(\.montage)
        return .numbers(Double(plan.columns), Double(plan.rows))
    }
}
