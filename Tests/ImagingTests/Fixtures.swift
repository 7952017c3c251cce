import Foundation
import Imaging
import ImagingSamples

enum Fixtures {
    static func noise(width: Int, height: Int, mean: Double = 0, deviation: Double = 1, seed: UInt64 = 1) -> Image {
        var random = SeededGenerator(seed: seed)
        return Image(
            width: width, height: height, pixels: (0..<width * height).map { _ in Float(mean + deviation * random.gaussian()) })
    }

    /// A path in the temporary folder that nobody else uses.
    static func temporaryPath(_ name: String) -> String {
        let folder = temporaryRoot.appendingPathComponent(UUID().uuidString)
        // A folder that cannot be made shows as the test's first write being refused.
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent(name).path
    }

    /// One for all tests of a process, removed at its end.
    private static let temporaryRoot: URL = {
        atexit {
            // Left behind at worst: the system clears its temporary folder.
            try? FileManager.default.removeItem(at: Fixtures.temporaryRoot)
        }
        return FileManager.default.temporaryDirectory.appendingPathComponent("imaging-\(UUID().uuidString)")
    }()

    static func resource(_ name: String) -> String {
        Bundle.module.bundlePath + "/Resources/\(name)"
    }
}
