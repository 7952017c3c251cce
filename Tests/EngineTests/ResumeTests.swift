import Engine
import Processing
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

@Suite struct ResumeTests {
    @Test func `a start goes on with the grid that was stopped, not with one that had failed before`() throws {
        let scene = try Scene(grids: 2, faults: [SimulatedFault(.loaderJam, slot: 1, times: 1)])
        try scene.start()
        try scene.reach { $0.current == GridID(scene.id, slot: 2) && $0.exposure != nil }
        try scene.stop()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.failed, .stopped])
        try scene.start()
        try scene.reach { $0.exposure != nil }
        #expect(try scene.state.current == GridID(scene.id, slot: 2))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `a grid that failed in its middle gets its targets back at the next start`() throws {
        let scene = try Scene(grids: 2)
        try scene.start()
        try scene.reach { $0.grids[0].holesDone == 1 }
        try scene.stop()
        try scene.reachEnd()
        let other = try scene.loadAnother(slot: 2)
        try #require(other)
        scene.world.column().add(SimulatedFault(.loaderJam, slot: 1, times: 1))
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.failed, .completed])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `a movie that the microscope brings into place while it is asked is found`() throws {
        let world = Flag(Mutex<SimulatedColumn?>(nil))
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 1, moment: .after)],
            adjust: { $0.files = LateMovies(files: $0.files, column: { world.value.withLock { $0 } }) })
        world.value.withLock { $0 = scene.world.column() }
        try scene.start()
        try scene.reach { $0.grids[0].images == 1 }
        let settled = try scene.events().compactMap {
            if case .exposureSettled(let news) = $0.event { news.outcome } else { nil }
        }
        #expect(settled == [.saved])
    }

    @Test func `squares that a kill gave no time to find are found by the next run`() throws {
        let isSlow = Mutex(true)
        let flag = Flag(isSlow)
        var scene = try Scene(grids: 1) { parts in
            parts.finder = SlowFinder(finder: parts.finder, clock: parts.clock, isSlow: { flag.value.withLock { $0 } })
        }
        try scene.start()
        try scene.reach { $0.grids[0].hasAtlas }
        scene.pass(.seconds(5))
        try scene.crash()
        flag.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
        #expect(scene.ledger.count { $0.kind == .exposure && $0.preset == "M" } == 1)
    }

    @Test func `after kill -9 in the middle of an exposure the next run settles it and exposes nothing twice`() throws {
        for seed in UInt64(0)..<10 {
            var scene = try Scene(seed: seed, grids: 1)
            try scene.start()
            try scene.reach { $0.exposure != nil }
            scene.pass(.milliseconds(Int(seed) * 700))
            try scene.crash()
            #expect(try scene.state.status == .interrupted)
            try scene.start()
            try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
            if let prompt = try scene.state.prompt {
                #expect(prompt.kind == .exposureUnknown)
                try scene.answer("leave")
            }
            try scene.reachEnd()
            try scene.checkAtRest(.completed)
        }
    }
}

extension Scene {
    /// Puts another cartridge on the stage by hand, as somebody at the microscope would.
    func loadAnother(slot: Int) throws -> Bool {
        let hand = SimulatedMicroscope(
            column: world.column(), clock: life.executor.clock, now: { Timestamp(milliseconds: 0) }, camera: PixelFreeCamera())
        return try life.command {
            try await hand.connect(greeting: "by hand")
            try await hand.load(slot: slot)
            await hand.disconnect()
            return true
        }
    }
}

/// Something that tests may change while an engine asks for it.
final class Flag<Value: ~Copyable & Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: consuming Mutex<Value>) { self.value = value }
}

/// A finder that takes a minute, as a real one on a big atlas may.
struct SlowFinder: TargetFinder {
    let finder: any TargetFinder
    let clock: any Clock<Duration>
    let isSlow: @Sendable () -> Bool

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {
        try await finder.makePicture(of: file, into: picture)
    }
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        try await rest()
        return try await finder.squares(on: atlas, at: path)
    }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        try await rest()
        return try await finder.holes(on: square, at: path, holeType: holeType, pattern: pattern)
    }
    private func rest() async throws(FinderProblem) {
        guard isSlow() else { return }
        do { try await clock.sleep(for: .seconds(60)) } catch { throw FinderProblem(sentence: "The search was given up.") }
    }

    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { try await finder.match(look, with: atlas, at: paths) }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? {
        try await rest()
        return try await finder.holeCentre(on: hole, at: path, size: size)
    }
}

/// Movies that lie elsewhere until the microscope was asked about them.
private struct LateMovies: RunFiles {
    let files: any RunFiles
    let column: @Sendable () -> SimulatedColumn?

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder { try await files.takeFolder(relative, for: owner, taking) }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try await files.checkFolder(relative, folder, of: owner)
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try await files.inner(folders, of: session)
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) { try await files.makeDirectories(paths) }
    func path(_ relative: String) -> String { files.path(relative) }
    func append(_ text: String, to relative: String) async throws(RunFileError) { try await files.append(text, to: relative) }
    func space(at path: String) async throws(RunFileError) -> DiskSpace { try await files.space(at: path) }
    func names(in relative: String) async throws(RunFileError) -> [String] { try await files.names(in: relative) }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        guard column()?.ledger.last(where: { $0.kind == .command })?.name == "evidence" else { return nil }
        return try await files.movie(at: path, frames: frames)
    }
}
