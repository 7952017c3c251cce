import Engine
import Microscope
import Processing
import RunModel
import Synchronization
import TestSupport
import Testing

/// "Could not look" is never "nothing there".
@Suite struct UnsearchedTests {
    @Test func `an atlas that cannot be searched fails its grid, and the next start looks at the same atlas again`() throws {
        let blind = Flag(Mutex(true))
        let scene = try Scene(grids: 2) {
            $0.finder = FailingFinder(finder: $0.finder, failsSquares: { blind.value.withLock { $0 } })
        }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.failed)
        #expect(try scene.state.grids.map(\.status) == [.failed, .failed])
        #expect(
            try scene.state.grids[0].problem == "The atlas could not be searched for squares. The disk does not answer.")
        blind.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        // One atlas a grid: the look was missing, and not the image.
        #expect(scene.commands("acquireAtlas").count { $0.args?.last?.hasSuffix("_atlas.mrc") == true } == 2)
    }

    @Test func `a square that cannot be searched keeps its grid from being complete, and costs no other square`() throws {
        let failing = Flag(Mutex(1))
        let scene = try Scene(grids: 1) {
            $0.finder = FailingFinder(
                finder: $0.finder,
                failsHoles: {
                    failing.value.withLock { left in
                        defer { left = max(0, left - 1) }
                        return left > 0
                    }
                })
        }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.failed)
        #expect(try scene.state.grids[0].status == .failed)
        #expect(try scene.state.grids[0].images == 4)
        #expect(try scene.state.grids[0].problem?.contains("It could not be searched for holes.") == true)
        #expect(try scene.state.outcome?.sentence?.hasPrefix("No grid was completed. Square ") == true)
        let unsearched = try #require(try scene.targets().first { $0.status == .failed })
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
        #expect(try scene.targets().first { $0.id == unsearched.id }?.status == .acquired)
    }

    @Test func `a square that could not be searched is mapped again by the next start, also after a stop`() throws {
        let failing = Flag(Mutex(true))
        let scene = try Scene(grids: 1) {
            $0.finder = FailingFinder(
                finder: $0.finder,
                failsHoles: {
                    failing.value.withLock { isFirst in
                        defer { isFirst = false }
                        return isFirst
                    }
                })
        }
        try scene.start()
        try scene.reach { $0.grids[0].images == 1 }
        try scene.stop()
        try scene.reachEnd()
        try #require(try scene.targets().contains { $0.status == .failed })
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }

    @Test
    func
        `a square on which a finder sees nothing has been looked at: its grid ends, and neither it nor the session is called a success`()
        throws
    {
        let scene = try Scene(grids: 1) { $0.finder = EmptyFinder(finder: $0.finder) }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].status == .completed)
        #expect(try scene.state.grids[0].problem == "No image was taken: no hole was found.")
        #expect(try scene.state.outcome?.completed?.shortfall == .noImage)
    }

    @Test(arguments: [true, false]) func `a force-kill while squares or holes are searched loses neither`(onAtlas: Bool) throws {
        let isSlow = Flag(Mutex(true))
        let scene = try Scene(grids: 1) { parts in
            parts.settings.killDeadline = .seconds(10)
            parts.finder = LingeringFinder(
                finder: parts.finder, clock: parts.clock, lingers: { isSlow.value.withLock { $0 } }, onAtlas: onAtlas)
        }
        try scene.start()
        try scene.reachCommand(onAtlas ? "acquireAtlas" : "acquire")
        scene.pass(.seconds(200))
        try scene.kill()
        isSlow.value.withLock { $0 = false }
        // A look that was cut short says nothing of the image.
        #expect(
            try !scene.events().contains { if case .processingFailed = $0.event { true } else { false } })
        #expect(try !scene.targets().contains { $0.status == .acquired || $0.status == .failed })
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }
}

/// A finder whose looks fail as long as somebody says so.
struct FailingFinder: TargetFinder {
    let finder: any TargetFinder
    /// Whether it is the disk that gives no answer.
    var isSilence = false
    var failsSquares: @Sendable () -> Bool = { false }
    var failsHoles: @Sendable () -> Bool = { false }
    var failsCentres: @Sendable () -> Bool = { false }
    private var problem: FinderProblem { FinderProblem(sentence: "The disk does not answer.", isSilence: isSilence) }

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        if failsSquares() { throw problem }
        return try await finder.squares(on: atlas, at: path)
    }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        if failsHoles() { throw problem }
        return try await finder.holes(on: square, at: path, holeType: holeType, pattern: pattern)
    }
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { try await finder.match(look, with: atlas, at: paths) }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? {
        if failsCentres() { throw problem }
        return nil
    }
}

/// Looks, and sees no hole anywhere.
struct EmptyFinder: TargetFinder {
    let finder: any TargetFinder
    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        try await finder.squares(on: atlas, at: path)
    }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] { [] }
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { try await finder.match(look, with: atlas, at: paths) }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? { nil }
}

/// Takes hours over a look; one that is cut short has no answer.
struct LingeringFinder: TargetFinder {
    let finder: any TargetFinder
    let clock: any Clock<Duration>
    let lingers: @Sendable () -> Bool
    let onAtlas: Bool

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        if onAtlas { try await linger() }
        return try await finder.squares(on: atlas, at: path)
    }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        if !onAtlas { try await linger() }
        return try await finder.holes(on: square, at: path, holeType: holeType, pattern: pattern)
    }
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { try await finder.match(look, with: atlas, at: paths) }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? { nil }

    private func linger() async throws(FinderProblem) {
        guard lingers() else { return }
        do { try await clock.sleep(for: .seconds(7200)) } catch {
            throw FinderProblem(sentence: "The run ended before the image was looked at.")
        }
    }
}
