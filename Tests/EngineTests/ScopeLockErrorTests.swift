import Engine
import Microscope
import RunModel
import Testing

@Suite struct ScopeLockErrorTests {
    private static let claim = ScopeClaim(
        installation: "elsewhere", epoch: 1, session: "s", sessionName: "secret", group: "theirs", person: "grace",
        host: "gracehost",
        since: Timestamp(milliseconds: 1_790_000_000_000))
    private static let holder = LockHolder(
        session: "s", sessionName: "secret", group: "theirs", person: "grace", host: "gracehost", pid: 4711, bootID: "b",
        processStart: 1, startedAt: Timestamp(milliseconds: 1_790_000_000_000), epoch: 1)
    private static func causes(reader: String) -> [ScopeLockError] {
        [
            .claimed(claim, reader: reader), .takenOver(claim, reader: reader), .fileOfAnother(holder, reader: reader),
            .underAnotherID(holder, reader: reader),
        ]
    }

    @Test func `readers of another group are told neither whose run it is nor where`() {
        for cause in Self.causes(reader: "ours") {
            for secret in ["grace", "secret", "4711"] { #expect(!cause.explanation.contains(secret), "\(cause.explanation)") }
        }
    }

    @Test func `readers of the same group are`() {
        for cause in Self.causes(reader: "theirs") { #expect(cause.explanation.contains("grace"), "\(cause.explanation)") }
    }
}
