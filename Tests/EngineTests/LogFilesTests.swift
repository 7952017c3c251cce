import Engine
import RunModel
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct LogFilesTests {
    @Test func `a file that lost lines says how many, once it can be written again`() throws {
        let disk = UnsteadyDisk()
        let scene = try Scene(grids: 1) { $0.files = UnsteadyFiles(disk: disk, others: $0.files) }
        try say("one", in: scene)
        disk.isAway = true
        for word in ["two", "three"] { try say(word, in: scene) }
        disk.isAway = false
        try say("four", in: scene)
        #expect(
            Array(disk.lines.suffix(3)) == [
                "[test - INFO] one",
                "[log - WARNING] 2 lines may be missing in this file: its disk was too slow or away. The session's page has them.",
                "[test - INFO] four",
            ])
        #expect(try scene.lines().suffix(4).map(\.message) == ["one", "two", "three", "four"])
    }

    @Test func `each log has its own gap`() throws {
        let disk = UnsteadyDisk()
        let scene = try Scene(grids: 1) { $0.files = UnsteadyFiles(disk: disk, others: $0.files) }
        for log in LogName.allCases { try say("one", log, in: scene) }
        disk.isAway = true
        try say("two", .processing, in: scene)
        disk.isAway = false
        for log in LogName.allCases { try say("three", log, in: scene) }
        #expect(
            Array(disk.lines.suffix(3)) == [
                "[test - INFO] three",
                "[log - WARNING] 1 line may be missing in this file: its disk was too slow or away. The session's page has them.",
                "[test - INFO] three",
            ])
    }

    @Test func `a file that was never written to says what is missing before its first line`() throws {
        let disk = UnsteadyDisk()
        let scene = try Scene(grids: 1) { $0.files = UnsteadyFiles(disk: disk, others: $0.files) }
        disk.isAway = true
        for word in ["one", "two"] { try say(word, .processing, in: scene) }
        disk.isAway = false
        try say("three", .processing, in: scene)
        #expect(
            disk.lines.suffix(2) == [
                "[log - WARNING] 2 lines may be missing in this file: its disk was too slow or away. The session's page has them.",
                "[test - INFO] three",
            ])
    }

    @Test func `lines that reached the file after their deadline are not told as lost`() throws {
        let disk = UnsteadyDisk()
        let scene = try Scene(grids: 1) { $0.files = UnsteadyFiles(disk: disk, others: $0.files) }
        disk.isLate = true
        try say("one", .processing, in: scene)
        disk.isLate = false
        try say("two", .processing, in: scene)
        #expect(
            disk.lines.suffix(3) == [
                "[test - INFO] one",
                "[log - WARNING] 1 line may be missing in this file: its disk was too slow or away. The session's page has them.",
                "[test - INFO] two",
            ])
    }

    private func say(_ message: String, _ log: LogName = .imaging, in scene: Scene) throws {
        let (journal, id) = (scene.life.engine.journal, scene.id)
        let line = LogEntry(log: log, line: LogLine(.info, "test", message))
        try scene.life.command { _ = try await journal.record(Entry(session: id, lines: [line])) }
        scene.pass(.milliseconds(1))
    }
}

/// A disk that comes and goes.
private final class UnsteadyDisk: Sendable {
    private let state = Mutex((isAway: false, isLate: false, lines: [String]()))

    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }
    /// Takes what it is given, and says so too late.
    var isLate: Bool {
        get { state.withLock { $0.isLate } }
        set { state.withLock { $0.isLate = newValue } }
    }
    /// Without their times.
    var lines: [String] { state.withLock { $0.lines } }

    func append(_ text: String) -> Bool {
        state.withLock { state in
            guard !state.isAway else { return false }
            state.lines += text.split(separator: "\n").map { String($0.drop { $0 != "[" }) }
            return !state.isLate
        }
    }
}

private struct UnsteadyFiles: RunFiles {
    let disk: UnsteadyDisk
    let others: any RunFiles

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder { try await others.takeFolder(relative, for: owner, taking) }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try await others.checkFolder(relative, folder, of: owner)
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try await others.inner(folders, of: session)
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) { try await others.makeDirectories(paths) }
    func path(_ relative: String) -> String { others.path(relative) }
    func append(_ text: String, to relative: String) async throws(RunFileError) {
        guard disk.append(text) else { throw .noAnswer(path: relative) }
    }
    func names(in relative: String) async throws(RunFileError) -> [String] { try await others.names(in: relative) }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        try await others.movie(at: path, frames: frames)
    }
    func space(at path: String) async throws(RunFileError) -> DiskSpace { try await others.space(at: path) }
}
