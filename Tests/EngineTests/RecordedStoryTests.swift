import Foundation
import TestSupport
import Testing

/// The recorded stories, told by today's engine. `GRIDPILOT_REWRITE_GOLDEN=1` records them anew after a change that is meant to decide
/// otherwise; what it changed is then in the difference of the files, to be read.
@Suite(.serialized, .longWork) struct RecordedStoryTests {
    private static let isRewriting = ProcessInfo.processInfo.environment["GRIDPILOT_REWRITE_GOLDEN"] == "1"
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Recorded")

    @Test(arguments: RecordedStory.allCases) func `today's engine decides as it did when the story was recorded`(
        story: RecordedStory
    ) throws {
        let now = try story.diary()
        let file = Self.folder.appendingPathComponent("\(story.rawValue).txt")
        if Self.isRewriting { try now.write(to: file, atomically: true, encoding: .utf8) }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        guard now != recorded else { return }
        let (before, after) = (recorded.split(separator: "\n"), now.split(separator: "\n"))
        let place = zip(before, after).enumerated().first { $1.0 != $1.1 }?.offset ?? min(before.count, after.count)
        Issue.record(
            """
            \(story.rawValue).txt differs from line \(place + 1) on.
            recorded: \(place < before.count ? before[place] : "nothing more")
            now:      \(place < after.count ? after[place] : "nothing more")
            """)
    }

    /// A recording that met nothing would prove nothing.
    @Test func `the recordings hold a healthy run, faults, stops, crashes and every kind of question they are there for`() throws
    {
        let all = try RecordedStory.allCases.map {
            try String(contentsOf: Self.folder.appendingPathComponent("\($0.rawValue).txt"), encoding: .utf8)
        }.joined()
        for word in [
            " runCompleted ", " runStopped ", " runKilled ", " stopCancelled ", " gridFailed ", " exposureSettled ",
            " promptRaised ",
            " promptAnswered ", " queueChanged ", " noticeRaised ", #""kind":"gridFinished""#, #""kind":"diskFull""#,
            #""kind":"diskSilent""#,
            #""kind":"exposureUnknown""#, #""id":"microscopeLost""#, #""id":"valves""#, #""kind":"load""#, #""kind":"exposure""#,
        ] {
            #expect(all.contains(word), "\(word)")
        }
    }
}
