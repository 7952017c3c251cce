import Imaging
import Microscope

/// Image files and folders.
extension SimulatedSerialEM {
    static let fileAnswers: [SerialEMCommand: Answer] = [
        .reportCurrentFilename: reportCurrentFilename, .allowFileOverwrite: allowFileOverwrite, .reportDirectory: reportDirectory,
        .reportFileZsize: reportFileZsize, .isImageFileOpen: isImageFileOpen, .setDirectory: setDirectory,
        .doesFileExist: doesFileExist,
        .reportFreeDiskSpace: reportFreeDiskSpace,
    ]
    static let fileActions: [SerialEMCommand: Action] = [
        .openNewFile: openNewFile, .save: save, .closeFile: closeFile, .makeDirectory: makeDirectory,
    ]

    private func openNewFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let file = try newFile(call.lastText, isMontage: false)
        change { $0.files.open(file) }
        return .nothing
    }

    /// A file that may be begun now.
    func newFile(_ name: String, isMontage: Bool) throws(SerialEMProblem) -> OpenFile {
        let path = try path(name)
        let (host, files) = (disk.host(path), read(\.files))
        let isOpen = files.files.contains { $0.path == path }
        guard files.mayOverwrite || !isOpen else { throw .sentence("The file \(path.text) is already open, in line:") }
        guard isOpen || files.files.count < OpenFiles.most else { throw .sentence("There are too many open files, in line:") }
        guard files.mayOverwrite || !disk.exists(host) else { throw .sentence("The file \(path.text) already exists, in line:") }
        guard disk.isFolder(disk.host(path.folder)) else { throw .sentence("There is no folder \(path.folder.text), in line:") }
        guard !disk.isFolder(host) else { throw .sentence("\(path.text) is a folder, in line:") }
        if has(.diskFull) { throw .sentence("The file could not be opened, there is no space on the disk, in line:") }
        return OpenFile(path: path, host: host, isMontage: isMontage)
    }

    private func save(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        let number = call.integer(ifAny: 1)
        let (index, file) = try fileToSave(number)
        if let stack = file.stack, (stack.header.width, stack.header.height) != (buffer.image.width, buffer.image.height) {
            throw .sentence("The image does not have the size of the open file, in line:")
        }
        if has(.diskFull) { throw .sentence("The image was not saved, there is no space on the disk, in line:") }
        let saved = try await append(buffer, to: file)
        let place = SavedImage(file: file.path, section: saved.sections - 1)
        let source = try bufferIndex(call, 0)
        change {
            $0.files.files[index] = saved
            $0.buffers[source]?.saved = place
        }
        return .nothing
    }

    private func fileToSave(_ number: Int?) throws(SerialEMProblem) -> (index: Int, file: OpenFile) {
        let files = read(\.files)
        let index = number.map { $0 - 1 } ?? files.index
        guard files.files.indices.contains(index) else { throw .sentence("There is no open file to save the image in, in line:") }
        guard !files.files[index].isMontage else {
            throw .sentence("There is a montage open and single images cannot be saved in it, in line:")
        }
        return (index, files.files[index])
    }

    func append(
        _ buffer: ImageBuffer, to file: OpenFile, at place: (x: Int, y: Int)? = nil
    ) async throws(SerialEMProblem) -> OpenFile {
        try await work { [disk] () throws(SerialEMProblem) in
            var grown = file
            do throws(ImagingError) { try grown.append(buffer, place: place) } catch { throw SerialEMProblem(error) }
            try disk.write(grown.document.text, to: grown.documentFile)
            return grown
        }
    }

    private func closeFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard let file = read(\.files).present else {
            if call.has(0) { throw .sentence("There is no open file to close, in line:") }
            return .nothing
        }
        if file.sections > 0 { try await write(file.document, to: file.documentFile) }
        change { $0.files.closePresent() }
        return .nothing
    }

    private func reportCurrentFilename(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        Self.described(try presentFile().path, inParts: call.isSet(0))
    }

    /// The whole path, and where it is asked for the name without its ending, the ending and the folder.
    static func described(_ path: WindowsPath, inParts: Bool) -> [SerialEMValue] {
        guard inParts else { return [.text(path.text)] }
        let name = path.name
        let root = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return [path.text, root, String(name.dropFirst(root.count)), path.folder.text].map { .text($0) }
    }

    func presentFile() throws(SerialEMProblem) -> OpenFile {
        guard let file = read(\.files).present else { throw .sentence("There is no open file, in line:") }
        return file
    }

    private func reportFileZsize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let file = try presentFile()
        return file.isMontage ? [.count(file.sections > 0 ? 1 : 0), .count(0)] : [.count(file.sections)]
    }

    private func isImageFileOpen(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let path = try path(call.lastText)
        return [.count((read(\.files).files.firstIndex { $0.path == path } ?? -1) + 1)]
    }

    private func allowFileOverwrite(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.files.mayOverwrite = call.isSet(0) }
        return .nothing
    }
}

extension SimulatedSerialEM {
    private func setDirectory(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let folder: WindowsPath
        do throws(SerialEMProblem) { folder = try path(call.lastText) } catch {
            throw .sentence("because of failure to change directory to \(call.lastText.prefix(120)), in line:")
        }
        guard disk.isFolder(disk.host(folder)) else {
            throw .sentence("because of failure to change directory to \(folder.text), in line:")
        }
        change { $0.files.directory = folder }
        return .nothing
    }

    private func makeDirectory(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let host = disk.host(try path(call.lastText))
        try await work { [disk] () throws(SerialEMProblem) in try disk.makeFolder(host) }
        return .nothing
    }

    private func reportDirectory(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.text(read(\.files.directory)?.text ?? ProgramDisk.home)]
    }

    private func doesFileExist(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(disk.exists(disk.host(try path(call.lastText))))]
    }

    private func reportFreeDiskSpace(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let free = disk.freeMegabytes(disk.host(try path(call.lastText))) else {
            throw .sentence("There is no such folder, in line:")
        }
        return [.number(free)]
    }
}
