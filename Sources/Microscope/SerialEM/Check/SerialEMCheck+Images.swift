import Blocking
import Imaging
import RunModel

extension SerialEMCheck {
    var images: [CheckQuestion] {
        [
            CheckQuestion("Navigator", navigator), CheckQuestion("image metadata", metadata),
            CheckQuestion("frame names", remedy: "Choose a camera that saves frames.", frameNames),
            CheckQuestion("frame folder", frameFolder), CheckQuestion("frames", frames),
            CheckQuestion("frame format", frameFormat),
        ]
    }

    private func navigator() async throws(MicroscopeError) -> CheckLine {
        let isOpen = try await scope.call(.reportIfNavOpen).number(0) != 0
        return CheckLine("Navigator", .ok, isOpen ? "It is open." : "It is closed; a session opens it.")
    }

    private func metadata() async throws(MicroscopeError) -> CheckLine {
        do throws(MicroscopeError) {
            return Self.metadata(try await scope.call(.reportMetadataString, .text("A"), .text("TimeStamp")).values)
        } catch {
            guard error.isRefusal else { throw error }
            return CheckLine(
                "image metadata", .notAsked, "SerialEM has no image in buffer A to tell of.",
                remedy: "Take one in SerialEM and check again.")
        }
    }

    static func metadata(_ stamp: [SerialEMValue]) -> CheckLine {
        stamp.isEmpty
            ? CheckLine(
                "image metadata", .ok,
                "SerialEM does not tell when its images were taken: drift is measured by this computer's clock alone.",
                remedy: "A newer SerialEM tells.")
            : CheckLine("image metadata", .ok, "SerialEM tells when its images were taken.")
    }

    private func frameNames() async throws(MicroscopeError) -> CheckLine {
        _ = try await scope.call(.reportFrameBaseName).number(0)
        return CheckLine("frame names", .ok, "A session names its frames by itself.")
    }

    /// Where a session will have them saved. It is set when a session begins, and not here: it would stay as it was set.
    private func frameFolder() async throws(MicroscopeError) -> CheckLine {
        if let folder = try await scope.framesFolder() {
            return try await frameFolder(folder, "A session has its frames saved into \(folder.there), here \(folder.here)")
        }
        guard let folder = scope.settings.folders.first else {
            return CheckLine(
                "frame folder", .notAsked, "No shared folder is configured that a session could have its frames saved into.",
                remedy: "Check with --config FILE, which names them under folders.")
        }
        return try await frameFolder(folder, "A session has its frames saved into its own folder, below \(folder.there)")
    }

    private func frameFolder(_ folder: SharedFolder, _ sentence: String) async throws(MicroscopeError) -> CheckLine {
        // As a session does.
        try await scope.makeThere(folder.there)
        if try await scope.call(.doesFileExist, .text(folder.there)).isTrue() {
            return CheckLine("frame folder", .ok, "\(sentence), and SerialEM sees \(folder.there).")
        }
        // Of the root of a drive Windows may say the same.
        return CheckLine(
            "frame folder", .notAsked, "\(sentence), but SerialEM does not see \(folder.there).",
            remedy: "The line of that folder below says whether both sides reach it.")
    }

    private static let nothingSaved = (
        "No frames have been saved since SerialEM was started.",
        remedy: "Take a Record image with frames saved and check again: its folder and its format show here."
    )

    /// Nil where there are none yet.
    private func lastFrames() async throws(MicroscopeError) -> String? {
        do throws(MicroscopeError) { return try await scope.call(.reportLastFrameFile).text(0).asLogged } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    private func frames() async throws(MicroscopeError) -> CheckLine {
        guard let path = try await lastFrames() else {
            return CheckLine("frames", .notAsked, Self.nothingSaved.0, remedy: Self.nothingSaved.remedy)
        }
        let count = try await scope.call(.reportNumFramesSaved).count(0)
        if let uncounted = Self.uncounted(count, path) { return uncounted }
        let saved = "The last ones went to \(path), \(count) by SerialEM's count"
        let here: String
        do throws(MicroscopeError) { here = try await scope.pathHere(path) } catch {
            guard case .fileNotWritten = error else { throw error }
            // Without a configuration nobody has said yet which folders are shared.
            guard namesFolders else {
                return CheckLine(
                    "frames", .notAsked, "\(saved). Where that is from here, nobody has said.",
                    remedy: "Check with --config FILE, which names the shared folders.")
            }
            return CheckLine(
                "frames", .problem, "\(saved), and no shared folder leads there from here.",
                remedy: "Name that folder under folders, or as the detector's framesFolder.")
        }
        if try await scope.withFile(here, { Files.exists(here) }) { return CheckLine("frames", .ok, "\(saved), here \(here).") }
        return CheckLine(
            "frames", .notAsked, "\(saved), and are not at \(here) now: a session takes its own from there.",
            remedy: Self.nothingSaved.remedy)
    }

    /// Whether a configuration has said which folders are shared.
    private var namesFolders: Bool { !scope.settings.folders.isEmpty || scope.settings.framesFolder != nil }

    /// An exposure without frames leaves the name of the last ones as it was.
    static func uncounted(_ count: Int, _ path: String) -> CheckLine? {
        guard count == 0 else { return nil }
        return CheckLine(
            "frames", .notAsked, "The last ones went to \(path), but SerialEM counts none in its last exposure.",
            remedy: nothingSaved.remedy)
    }

    private func frameFormat() async throws(MicroscopeError) -> CheckLine {
        guard let path = try await lastFrames() else {
            return CheckLine("frame format", .notAsked, Self.nothingSaved.0, remedy: Self.nothingSaved.remedy)
        }
        let kind: String? =
            switch MovieName.ending(of: path) {
            case ".eer": "EER"
            case ".tif", ".tiff": "TIFF"
            case ".mrc", ".mrcs": "MRC"
            default: nil
            }
        guard let kind else {
            return CheckLine(
                "frame format", .problem, "The last frames, \(path), are in a format that GridPilot does not read.",
                remedy: "Have SerialEM's frame options save MRC, TIFF or EER, all frames of an exposure in one file.")
        }
        return CheckLine("frame format", .ok, "The last frames were saved as \(kind).")
    }
}
