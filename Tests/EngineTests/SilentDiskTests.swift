import Engine
import Microscope
import RunModel
import Synchronization
import TestSupport
import Testing

/// A disk that says nothing is waited for, in words, and costs no grid.
@Suite struct SilentDiskTests {
    private func scene(silent: Flag<Bool>) throws -> Scene {
        try Scene(grids: 2) { parts in
            parts.files = SilencedFiles(files: parts.files) { silent.value.withLock { $0 } }
        }
    }

    @Test func `a run that begins on a silent disk waits, loads nothing, and goes on when the disk answers`() throws {
        let silent = Flag(Mutex(true))
        let scene = try scene(silent: silent)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(scene.ledger.allSatisfy { $0.kind != .load })
        #expect(try scene.state.notices.first { $0.id == "disk" }?.sentence.hasSuffix("does not answer.") == true)
        silent.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `a disk that falls silent in a run costs no target, and Stop is heard meanwhile`() throws {
        let silent = Flag(Mutex(false))
        let scene = try scene(silent: silent)
        try scene.start()
        try scene.reach { $0.grids[0].images == 3 }
        silent.value.withLock { $0 = true }
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let asked = scene.life.executor.now
        try scene.stop()
        try scene.reachEnd()
        #expect(asked.duration(to: scene.life.executor.now) < .seconds(60))
        try scene.checkAtRest(.stopped)
        silent.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(Set(scene.exposed).count == 16)
    }
}

/// Files whose disk does not answer as long as somebody says so; like a lane, it says so after its deadline.
private struct SilencedFiles: RunFiles {
    let files: any RunFiles
    let isSilent: @Sendable () -> Bool

    private func ask(_ path: String) throws(RunFileError) {
        if isSilent() { throw .noAnswer(path: path, for: .seconds(7)) }
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        try ask(paths.first ?? "")
        try await files.makeDirectories(paths)
    }
    func path(_ relative: String) -> String { files.path(relative) }
    func append(_ text: String, to relative: String) async throws(RunFileError) {
        try ask(relative)
        try await files.append(text, to: relative)
    }
    func space(at path: String) async throws(RunFileError) -> DiskSpace {
        try ask(path)
        return try await files.space(at: path)
    }
    func movie(at path: String, frames: Int) async -> MovieOnDisk? { await files.movie(at: path, frames: frames) }
}
