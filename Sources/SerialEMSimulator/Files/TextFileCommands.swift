import Blocking
import Microscope

/// Text files that a script reads and writes line by line, by the names that it gives them.
struct TextFiles: Sendable {
    struct OpenText: Sendable {
        let path: WindowsPath
        var lines: [String] = []
        /// The next one to be read.
        var next = 0
        var isWritten = false
        /// What was added and is not on the disk yet.
        var hasNews = false
    }

    private(set) var files: [String: OpenText] = [:]
    static let most = 20
    static let mostBytes = 16 << 20

    subscript(name: String) -> OpenText? {
        get { files[name.lowercased()] }
        set { files[name.lowercased()] = newValue }
    }
}

extension SimulatedSerialEM {
    static let textFileRows: [ScriptCommand] = [
        .init("OpenTextFile", "SSIS", acts: openTextFile), .init("WriteLineToFile", "Ss", writeLine),
        .init("ReadLineToArray", "SS", readLineToArray), .init("ReadLineToString", "SS", readLineToString),
        .init("CloseTextFile", "S", acts: closeTextFile), .init("FlushTextFile", "S", acts: flushTextFile),
        .init("IsTextFileOpen", "Ss", isTextFileOpen), .init("ReadTextFile", "SS", acts: readTextFile),
        .init("Read2DTextFile", "SS", acts: readTextFile), .init("ReadStringsFromFile", "SS", acts: readTextFile),
    ]

    /// Name, mode (R, W, A or O, with a T for text), whether to fail where it cannot be opened, and the file.
    private func openTextFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (name, mode) = (call.text(0), call.text(1).uppercased())
        guard let kind = mode.first, "RWAO".contains(kind) else { throw .sentence("\(mode.prefix(9)) is not a mode, in line:") }
        let path = try path(call.lastText)
        let host = disk.host(path)
        var file = TextFiles.OpenText(path: path)
        file.isWritten = kind != "R"
        if kind == "R" || kind == "A" && disk.exists(host) {
            do throws(SerialEMProblem) { file.lines = try await lines(path) } catch {
                if call.isSet(2) { return [.count(1)] }
                throw error
            }
        }
        guard kind != "W" || read(\.files.mayOverwrite) || !disk.exists(host) else {
            throw .sentence("The file \(path.text) already exists, in line:")
        }
        let opened = file
        try change { state throws(SerialEMProblem) in
            guard state.texts[name] == nil, state.texts.files.count < TextFiles.most else {
                throw .sentence("There is an open text file \(name.prefix(40)) already, or too many, in line:")
            }
            state.texts[name] = opened
        }
        return [.count(0)]
    }

    private func lines(_ path: WindowsPath) async throws(SerialEMProblem) -> [String] {
        let host = disk.host(path)
        let text = try await work { () throws(SerialEMProblem) in
            do throws(Errno) { return try Files.text(host, limit: TextFiles.mostBytes) } catch {
                throw .sentence("The file \(path.text) cannot be read: \(error.words), in line:")
            }
        }
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private func textFile(_ call: SerialEMCall) throws(SerialEMProblem) -> TextFiles.OpenText {
        guard let file = read(\.texts)[call.text(0)] else {
            throw .sentence("There is no open text file \(call.text(0).prefix(40)), in line:")
        }
        return file
    }

    private func writeLine(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        var file = try textFile(call)
        guard file.isWritten else { throw .sentence("The text file is open for reading only, in line:") }
        guard file.lines.count < 200_000 else { throw .sentence("The text file has too many lines, in line:") }
        file.lines.append(call.text(1))
        file.hasNews = true
        let grown = file
        change { $0.texts[call.text(0)] = grown }
        return .nothing
    }

    /// -1 at the end of the file.
    private func readLine(_ call: SerialEMCall, _ shape: (String) -> String) throws(SerialEMProblem) -> [SerialEMValue] {
        var file = try textFile(call)
        guard file.next < file.lines.count else { return [.count(-1)] }
        try setVariable(call.text(1), shape(file.lines[file.next]))
        file.next += 1
        let read = file
        change { $0.texts[call.text(0)] = read }
        return [.count(0)]
    }

    private func readLineToArray(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try readLine(call) { $0.split(whereSeparator: \.isWhitespace).joined(separator: "\n") }
    }

    private func readLineToString(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { try readLine(call) { $0 } }

    private func closeTextFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try await flushTextFile(call)
        change { $0.texts[call.text(0)] = nil }
        return .nothing
    }

    private func flushTextFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let file = try textFile(call)
        guard file.isWritten else { return .nothing }
        let (host, text) = (disk.host(file.path), file.lines.map { $0 + "\n" }.joined())
        try await work { [disk] () throws(SerialEMProblem) in try disk.write(text, to: host) }
        return .nothing
    }

    private func isTextFileOpen(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(read(\.texts)[call.text(0)] != nil)]
    }

    /// The whole file into a variable, a line each.
    private func readTextFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let lines = try await lines(try path(call.lastText))
        let values =
            call.name == "ReadTextFile" ? lines.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) } : lines
        try setVariable(call.text(0), values.joined(separator: "\n"))
        return .nothing
    }
}
