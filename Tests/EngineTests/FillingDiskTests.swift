import Engine
import RunModel
import TestSupport
import Testing

/// Somebody else writes to the disk of a session, at any rate, and makes room again at any time.
@Suite struct FillingDiskTests {
    @Test func `whatever the rate at which others fill the disk, nothing is begun beyond the reserve, lost or done twice`() throws
    {
        var (runs, pauses) = (0, 0)
        try Seeds.check(200) { seed in (runs, pauses) = (runs + 1, pauses + (try FillingDisk(seed).fill())) }
        #expect(runs == 1 || pauses > runs / 2, "the seeds are too kind")
    }
}

/// One run, and one who writes beside it.
private struct FillingDisk {
    private static let step = 1.0
    /// The disk is looked at before the steps that lead to an exposure: focus, and the wait for drift. What others write meanwhile counts against
    /// the reserve, which is for that.
    private static let grace = 40.0
    private let scene: Scene
    private let chance: SeededGenerator
    private let reserve: Int
    /// A movie with what is made of it, and the records beside it.
    private let needed = 21 * 1024 * 1024
    private let movie = 1024 + 4 * 1024 * 1024 * 2

    init(_ seed: UInt64) throws {
        scene = try Scene(seed: seed, grids: 1)
        chance = SeededGenerator(seed: seed)
        reserve = try scene.state.session.settings.diskReserve
    }

    /// How often the run paused.
    func fill() throws -> Int {
        var chance = chance
        // From 3 kB/s to 300 MB/s: a log, or another camera.
        func rate() -> Double { Double(3 + chance.index(below: 7)) * [1e3, 1e4, 1e5, 1e6, 1e7, 3e7][chance.index(below: 6)] }
        func room() -> Double { Double(reserve + chance.index(below: 400_000_000)) }
        var (others, bytesPerSecond, time, lastRoom, exposed, pauses) = (room(), rate(), 0.0, 0.0, 0, 0)
        var freesAt: Double?
        func free() -> Int { Int(others) - scene.exposed.count * movie }
        scene.world.freeBytes = reserve + needed * 2
        try scene.start()
        while try scene.state.status.needsHolder || scene.state.status == .ready {
            if free() >= reserve + needed { lastRoom = time }
            scene.world.freeBytes = max(0, free())
            scene.pass(.seconds(Self.step))
            if scene.exposed.count > exposed {
                #expect(time - lastRoom <= Self.grace, "an exposure was begun \(time - lastRoom) s after there was room")
                exposed = scene.exposed.count
            }
            time += Self.step
            others -= bytesPerSecond * Self.step
            if try scene.state.prompt?.kind == .diskFull {
                if freesAt == nil { (pauses, freesAt) = (pauses + 1, time + Double(chance.index(below: 600))) }
                guard let when = freesAt, time >= when else { continue }
                // Now and then somebody presses before there is room.
                if !chance.isOnce(in: 4) { others = room() + Double(scene.exposed.count * movie) + Double(needed) }
                if pauses > 5 { bytesPerSecond = 0 } else { bytesPerSecond = rate() }
                scene.world.freeBytes = max(0, free())
                try scene.answer("continue")
                freesAt = nil
            }
            try #require(time < 100_000, "the run does not end")
        }
        scene.pass(.seconds(30))
        #expect(scene.exposed.count == 8)
        try scene.checkAtRest(.completed)
        return pauses
    }
}
