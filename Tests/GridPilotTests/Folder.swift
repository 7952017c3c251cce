import Foundation

/// A folder that goes with its last user.
final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridpilot-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    // Left behind at worst: the system clears its temporary folder.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Returns the file's path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }
}
