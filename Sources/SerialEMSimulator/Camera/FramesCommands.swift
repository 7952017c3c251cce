import Microscope

/// Where the frames of exposures go and what became of the last ones.
extension SimulatedSerialEM {
    static let framesAnswers: [SerialEMCommand: Answer] = [
        .setFrameBaseName: setFrameBaseName, .reportFrameBaseName: reportFrameBaseName, .reportLastFrameFile: reportLastFrameFile,
        .reportNumFramesSaved: reportNumFramesSaved, .earlyReturnNextShot: earlyReturnNextShot,
    ]
    static let framesActions: [SerialEMCommand: Action] = [.setFolderForFrames: setFolderForFrames]

    private func setFolderForFrames(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard WindowsPath.isWhole(call.lastText) else {
            throw .sentence("A folder for frames must be a complete path, in line:")
        }
        let folder = try WindowsPath(call.lastText, in: nil)
        let host = disk.host(folder)
        try await work { [disk] () throws(SerialEMProblem) in try disk.makeFolder(host) }
        change { $0.frames.folder = folder }
        return .nothing
    }

    private func setFrameBaseName(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let text = call.lastText
        guard !text.contains(where: { #"\/:*?"<>|"#.contains($0) }), text != "..", text.utf8.count <= 200 else {
            throw .sentence("\(text.prefix(60)) cannot be part of a file name, in line:")
        }
        change {
            var base = $0.frames.base
            base.text = text
            if call.integer(1) >= 0 { base.isUsedInNames = call.isSet(1) }
            if call.integer(2) >= 0 { base.isUsedInFolders = call.isSet(2) }
            $0.frames.use(base, lasts: call.isSet(0))
        }
        return .nothing
    }

    private func reportFrameBaseName(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let base = read(\.frames).base
        return [.flag(base.isUsedInNames), .text(base.text), .flag(base.isUsedInFolders)]
    }

    private func reportLastFrameFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let saved = read(\.lastFrames) else { throw .sentence("There is no last frame file name available, in line:") }
        return [.text(saved.path.text), .text(saved.path.folder.text), .text(saved.path.name)]
    }

    private func reportNumFramesSaved(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.lastFrames)?.count ?? 0)]
    }

    private func earlyReturnNextShot(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.earlyReturn = call.integer(0) }
        return .nothing
    }
}
