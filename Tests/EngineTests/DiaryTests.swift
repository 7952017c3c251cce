import Foundation
import TestSupport
import Testing

/// Holds a change that must change nothing against what was before it: `GRIDPILOT_DIARIES=DIR swift test --filter DiaryTests` writes what
/// happens under a thousand seeds, or says which of those that lie there already are told otherwise now.
@Suite(.serialized, .longWork) struct DiaryTests {
    private static let folder = ProcessInfo.processInfo.environment["GRIDPILOT_DIARIES"]

    @Test(.enabled(if: folder != nil), arguments: 0..<8) func `a thousand seeds tell the same story as before`(part: Int) throws {
        let folder = try #require(Self.folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for seed in Seeds.first(1000) where seed % 8 == UInt64(part) {
            let diary = try Diary.write(seed: seed, order: .asTheyCame)
            let path = "\(folder)/\(seed).txt"
            guard let before = try? String(contentsOfFile: path, encoding: .utf8) else {
                try diary.write(toFile: path, atomically: true, encoding: .utf8)
                continue
            }
            guard before != diary else { continue }
            try diary.write(toFile: "\(folder)/\(seed).now.txt", atomically: true, encoding: .utf8)
            Issue.record("GRIDPILOT_SEED=\(seed): see \(seed).txt and \(seed).now.txt")
        }
    }
}
