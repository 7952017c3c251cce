import Blocking
import Glibc
import RunModel

extension SerialEMCheck {
    func images() async throws(MicroscopeError) {
        try await ask("Navigator") { () throws(MicroscopeError) in
            let isOpen = try await scope.call(.reportIfNavOpen).number(0) != 0
            return CheckLine("Navigator", .ok, isOpen ? "It is open." : "It is closed; a session opens it.")
        }
        do throws(MicroscopeError) {
            let stamp = try await scope.call(.reportMetadataString, .text("A"), .text("TimeStamp"))
            tell(CheckLine("image metadata", stamp.values.isEmpty ? .problem : .ok, "SerialEM tells when its images were taken."))
        } catch {
            guard error.isRefusal else { throw error }
            tell(
                CheckLine(
                    "image metadata", .notAsked, "SerialEM has no image in buffer A to tell of.",
                    remedy: "Take one in SerialEM and check again."))
        }
        try await frames()
    }

    private func frames() async throws(MicroscopeError) {
        try await ask("frame names", remedy: "Choose a camera that saves frames.") { () throws(MicroscopeError) in
            _ = try await scope.call(.reportFrameBaseName).number(0)
            return CheckLine("frame names", .ok, "A session names its frames by itself.")
        }
        do throws(MicroscopeError) {
            let path = try await scope.call(.reportLastFrameFile).text(0).asLogged
            let here = try? await scope.pathHere(path)  // a folder that is not shared is a line of its own
            tell(
                CheckLine(
                    "frames", here == nil ? .problem : .ok,
                    "The last frames went to \(path)\(here.map { ", here \($0)" } ?? "").",
                    remedy: here == nil ? "Name that folder under folders, or as the detector's framesFolder." : nil))
        } catch {
            guard error.isRefusal else { throw error }
            tell(
                CheckLine(
                    "frames", .notAsked, "No frames have been saved since SerialEM was started.",
                    remedy: "Take a Record image with frames saved and check again: its folder and its format show here."))
        }
    }

    /// A small file that is written here must be there, and a folder that is made there must be here.
    func files() async throws(MicroscopeError) {
        let frames = try await scope.framesFolder()
        let folders = scope.settings.folders + (frames.map { [$0] } ?? [])
        guard !folders.isEmpty else {
            return tell(
                CheckLine(
                    "folders", .notAsked, "No shared folder is configured.",
                    remedy: "Check with --config FILE, which names them under folders."))
        }
        for folder in folders { try await check(folder) }
    }

    private func check(_ folder: SharedFolder) async throws(MicroscopeError) {
        let name = "gridpilot-check-\(scope.now().milliseconds)"
        let (file, made) = ("\(folder.here)/\(name).txt", "\(folder.here)/\(name)")
        let subject = "folder \(folder.there)"
        let remedy = "Look whether both names mean the same folder, and whether both computers may write into it."
        try await ask(subject, remedy: remedy) { () throws(MicroscopeError) in
            try await scope.makeThere(folder.there)
            guard try await scope.withFile(file, { (try? Files.write("GridPilot", to: file)) != nil }) else {
                return CheckLine(subject, .problem, "Nothing can be written into \(folder.here) here.", remedy: remedy)
            }
            let isThere = try await scope.call(.doesFileExist, .text(PathMap.join(folder.there, "\(name).txt"))).isTrue()
            _ = try await scope.withFile(file) { unlink(file) }
            guard isThere else {
                return CheckLine(
                    subject, .problem, "SerialEM does not see a file that was written into \(folder.here).", remedy: remedy)
            }
            try await scope.makeThere(PathMap.join(folder.there, name))
            guard try await scope.withFile(made, { rmdir(made) == 0 }) else {
                return CheckLine(subject, .problem, "What SerialEM makes there is not in \(folder.here).", remedy: remedy)
            }
            return CheckLine(subject, .ok, "What is written on one side is there on the other, here \(folder.here).")
        }
    }
}
