import Blocking
import Glibc
import RunModel

extension SerialEMCheck {
    /// A small file that is written here must be there, and a folder that is made there must be here.
    var files: [CheckQuestion] {
        let folders = configuredFolders
        guard !folders.isEmpty else { return [CheckQuestion("folders", remedy: Self.remedy, simulatedFolder)] }
        return folders.map { folder in
            CheckQuestion("folder \(folder.there)", remedy: Self.remedy) { () async throws(MicroscopeError) in
                try await check(folder)
            }
        }
    }

    private static let remedy =
        "Look whether both names mean the same folder, and whether both computers may write into it."

    private var configuredFolders: [SharedFolder] {
        let folders = scope.settings.folders
        guard let frames = scope.settings.framesFolder, !folders.contains(frames) else { return folders }
        return folders + [frames]
    }

    /// With that of a simulated SerialEM on this computer, where the facility names none.
    func sharedFolders() async throws(MicroscopeError) -> [SharedFolder] {
        guard configuredFolders.isEmpty, let frames = try await scope.framesFolder() else { return configuredFolders }
        return [frames]
    }

    private func simulatedFolder() async throws(MicroscopeError) -> CheckLine {
        guard let folder = try await sharedFolders().first else {
            return CheckLine(
                "folders", .notAsked, "No shared folder is configured.",
                remedy: "Check with --config FILE, which names them under folders.")
        }
        return try await check(folder)
    }

    private func check(_ folder: SharedFolder) async throws(MicroscopeError) -> CheckLine {
        let name = "gridpilot-check-\(scope.now().milliseconds)"
        let made = "\(folder.here)/\(name)"
        try await scope.makeThere(folder.there)
        if let problem = try await fileFromHere(folder, "\(name).txt") { return problem }
        try await scope.makeThere(PathMap.join(folder.there, name))
        guard try await scope.withFile(made, { rmdir(made) == 0 }) else {
            return problem(
                with: folder, "What SerialEM makes there is not in \(folder.here); an empty folder \(name) stays behind there.")
        }
        return CheckLine(
            "folder \(folder.there)", .ok, "What is written on one side is there on the other, here \(folder.here).")
    }

    /// What is wrong with a file that goes from here to there; nil for nothing. It is gone afterwards, whatever SerialEM says.
    private func fileFromHere(_ folder: SharedFolder, _ name: String) async throws(MicroscopeError) -> CheckLine? {
        let file = "\(folder.here)/\(name)"
        // Whatever kept it from being written, the remedy is the same.
        guard try await scope.withFile(file, { (try? Files.write("GridPilot", to: file)) != nil }) else {
            return problem(with: folder, "Nothing can be written into \(folder.here) here.")
        }
        let isThere: Bool
        do throws(MicroscopeError) {
            isThere = try await scope.call(.doesFileExist, .text(PathMap.join(folder.there, name))).isTrue()
        } catch {
            _ = try await scope.withFile(file) { unlink(file) }
            throw error
        }
        _ = try await scope.withFile(file) { unlink(file) }
        return isThere ? nil : problem(with: folder, "SerialEM does not see a file that was written into \(folder.here).")
    }

    private func problem(with folder: SharedFolder, _ sentence: String) -> CheckLine {
        CheckLine("folder \(folder.there)", .problem, sentence, remedy: Self.remedy)
    }
}
