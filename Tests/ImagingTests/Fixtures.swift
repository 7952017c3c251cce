import Foundation
import Imaging

/// Repeatable random numbers: the same seed draws the same picture on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ range: ClosedRange<Double> = 0...1) -> Double { Double.random(in: range, using: &self) }

    /// Mean 0, standard deviation 1.
    mutating func gaussian() -> Double {
        (-2 * log(max(uniform(), 1e-300))).squareRoot() * cos(2 * .pi * uniform())
    }
}

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
