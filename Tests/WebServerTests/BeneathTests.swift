import Foundation
import Testing

@testable import WebServer

@Suite final class BeneathTests {
    private let base = FileManager.default.temporaryDirectory.appendingPathComponent("beneath-\(UUID().uuidString)").path
    private var folder: String { base + "/session" }

    init() throws {
        let files = FileManager.default
        for path in [folder + "/movies", base + "/other"] {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        for path in [folder + "/movies/own.mrc", base + "/other/secret.mrc"] {
            try Data("1234".utf8).write(to: URL(fileURLWithPath: path))
        }
        for (link, target) in [
            ("passwd.mrc", "/etc/passwd"), ("secret.mrc", "../../other/secret.mrc"), ("inside.mrc", "own.mrc"),
            ("fd.mrc", "/proc/self/environ"),
        ] {
            try files.createSymbolicLink(atPath: "\(folder)/movies/\(link)", withDestinationPath: target)
        }
        try files.createSymbolicLink(atPath: "\(folder)/elsewhere", withDestinationPath: base + "/other")
        mkfifo("\(folder)/movies/pipe.mrc", 0o600)
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    @Test(arguments: [
        ("movies/own.mrc", true), ("movies/inside.mrc", true), ("movies/passwd.mrc", false), ("movies/secret.mrc", false),
        ("movies/fd.mrc", false), ("elsewhere/secret.mrc", false), ("movies/pipe.mrc", false), ("movies", false), ("", false),
        ("../other/secret.mrc", false), ("movies/none.mrc", false),
    ])
    func `a file is read from below its folder alone`(path: String, isThere: Bool) throws {
        #expect((OpenFile(path: "\(folder)/\(path)", beneath: folder) != nil) == isThere)
        let file = OpenFile.resolved("\(folder)/\(path)", beneath: folder)
        defer { try? file?.close() }
        // A folder and a pipe are told apart later, and neither is waited for.
        if !["movies", "movies/pipe.mrc"].contains(path) { #expect((file != nil) == isThere) }
    }

    @Test func `a folder that is a link itself is the facility's own choice`() throws {
        let link = base + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
        #expect(OpenFile(path: link + "/movies/own.mrc", beneath: link)?.size == 4)
    }

    @Test func `a file beside the folder whose path begins like it is not in it`() {
        #expect(OpenFile(path: folder + "2/a.mrc", beneath: folder) == nil)
    }
}
