import Foundation

/// A folder of a test's own, gone with everything in it when the last holder lets go.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gridpilot-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        // A test may have removed it already, and one that cannot be removed is no fault of the code under test.
        try? FileManager.default.removeItem(atPath: path)
    }

    public var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    /// The path of something in it, which need not exist.
    public func path(of name: String) -> String {
        "\(path)/\(name)"
    }
}
