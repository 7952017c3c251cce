import Glibc
import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite struct DiskHistoryTests {
    private func history(_ points: [(second: Int, free: Int)]) -> DiskHistory {
        var history = DiskHistory()
        for point in points { history.note(point.free, at: Timestamp(milliseconds: Int64(point.second) * 1000)) }
        return history
    }

    @Test(
        arguments: [
            ([], 0.0), ([(0, 100)], 0), ([(0, 1000), (59, 900)], 0), ([(0, 1000), (60, 990)], 600),
            ([(0, 1000), (1800, 1000)], 0),
            ([(0, 1000), (3600, 2000)], -1000), ([(0, 3000), (1800, 2000), (3600, 1000)], 2000),
        ] as [([(Int, Int)], Double)])
    func `the rate is what the last hour lost, bytes an hour`(points: [(Int, Int)], rate: Double) {
        #expect(abs(history(points.map { ($0.0, $0.1) }).bytesPerHour - rate) < 1e-6)
    }

    @Test func `only the last hour counts for the rate`() {
        let steps = (0...720).map { ($0 * 10, $0 < 360 ? 1_000_000 - $0 * 1000 : 640_000) }
        #expect(abs(history(steps).bytesPerHour) < 1e-6)
    }

    @Test func `the trend is a day in half hours and the newest value, oldest first`() {
        let trend = history((0...2000).map { ($0 * 60, $0) }).trend
        #expect(trend.count == 49)
        #expect(trend.last == 2000)
        #expect(trend == trend.sorted())
        #expect(zip(trend.dropLast(), trend.dropFirst().dropLast()).allSatisfy { $1 - $0 == 30 })
    }
}

@Suite struct DiskMonitorTests {
    private func reading(free: Int?, frames: String? = nil) throws -> DiskReading? {
        let scene = try Scene()
        scene.world.freeBytes = free
        var state = try scene.state
        state.detector.framesDirectory = frames
        let (asked, disks) = (state, scene.life.engine.disks)
        guard case .measured(let reading) = try scene.life.command({ await disks.check(asked) }) else { return nil }
        return reading
    }

    @Test func `a run's own need is what its queue and its settings will write`() throws {
        let reading = try #require(try reading(free: 4_000_000_000_000))
        // Two grids of two squares, two holes, two exposures; 4 frames of 16 bits, two averages of 32 and their pictures at 1024 × 1024.
        #expect(reading.neededBytes == 16 * 1024 * 1024 * 17)
        #expect(reading.level == .fine)
        #expect(reading.path == "/data/sessions/demo/20260922_first")
    }

    @Test func `what all settings ask for together at their largest is a number, too`() throws {
        var settings = GridSettings.quick
        (settings.squaresPerGrid, settings.holesPerSquare, settings.exposuresPerHole) = (500, 2000, 100)
        settings.movie.frames = 2000
        let scene = try Scene(grids: 12, settings: settings)
        let (asked, disks) = (try scene.state, scene.life.engine.disks)
        guard case .measured(let reading) = try scene.life.command({ await disks.check(asked) }) else {
            Issue.record("the disk was not measured")
            return
        }
        #expect(reading.neededBytes == 1_000_000_000_000_000_000)
        #expect(reading.level == .low)
    }

    @Test func `what a file system says of its size is reckoned with, whatever it is`() {
        var disk = statvfs()
        (disk.f_frsize, disk.f_blocks, disk.f_bavail) = (4096, 1000, 10)
        #expect(DiskSpace(disk, device: 7) == DiskSpace(totalBytes: 4_096_000, freeBytes: 40_960, device: 7))
        disk.f_bavail = UInt(bitPattern: -5)
        #expect(DiskSpace(disk, device: nil).freeBytes == 0)
        (disk.f_blocks, disk.f_bavail, disk.f_frsize) = (.max, UInt(Int.max), .max)
        #expect(DiskSpace(disk, device: nil) == DiskSpace(totalBytes: 1 << 60, freeBytes: 1 << 60))
    }

    @Test(arguments: [
        // What the store and the logs write besides is 4 MB.
        (50_000_000_000 + 21 * 1024 * 1024 - 1, DiskLevel.full), (50_000_000_000 + 21 * 1024 * 1024, .low),
        (50_000_000_000 + 16 * 17 * 1024 * 1024, .fine), (0, .full),
    ])
    func `the next exposure must not touch the reserve`(free: Int, level: DiskLevel) throws {
        #expect(try reading(free: free)?.level == level)
    }

    @Test func `what is still to be made of the movies that were taken is left room for`() throws {
        let scene = try Scene(grids: 1) { parts in parts.jobs = PatientJobs(clock: parts.clock) }
        try scene.start()
        try scene.reach { $0.grids[0].images == 4 }
        let waiting = try scene.micrographs().count { $0.status == .saved }
        let (asked, disks) = (try scene.state, scene.life.engine.disks)
        func level(spare: Int) throws -> DiskLevel? {
            scene.world.freeBytes = 50_000_000_000 + spare
            guard case .measured(let reading) = try scene.life.command({ await disks.check(asked) }) else { return nil }
            return reading.level
        }
        let needed = (21 + 9 * waiting) * 1024 * 1024
        #expect(waiting > 1)
        #expect(try level(spare: needed - 1) == .full)
        #expect(try level(spare: needed) != .full)
    }

    @Test func `a disk that cannot be measured is told from one with room`() throws {
        let scene = try Scene()
        scene.world.freeBytes = nil
        let (asked, disks) = (try scene.state, scene.life.engine.disks)
        guard case .couldNotLook(let path, _) = try scene.life.command({ await disks.check(asked) }) else {
            Issue.record("a silent disk was measured")
            return
        }
        #expect(path == "/data/sessions/demo/20260922_first")
    }

    @Test func `what was measured of a folder is forgotten a day after the last look`() throws {
        let scene = try Scene()
        let disks = scene.life.engine.disks
        var state = try scene.state
        for number in 1...3 {
            state.session.directory = "sessions/demo/\(number)"
            let asked = state
            _ = try scene.life.command { await disks.check(asked) }
            scene.pass(.seconds(number == 2 ? 25 * 3600 : 60))
        }
        #expect(try scene.life.command { await disks.histories.keys.sorted() } == ["/data/sessions/demo/3"])
    }

    @Test func `watched disks are told of at once and every ten seconds, others not`() throws {
        let scene = try Scene()
        let engine = scene.life.engine
        let count = ReadingCount()
        scene.life.executor.start {
            for await news in await engine.journal.listen() { if case .reading(.disk, _) = news { count.add() } }
        }
        scene.pass(.seconds(60))
        #expect(count.value == 0)
        let id = scene.id
        try scene.order { await $0.disks.watch(id) }
        scene.pass(.seconds(35))
        #expect(count.value == 4)
        try scene.order { await $0.disks.unwatch(id) }
        scene.pass(.seconds(60))
        #expect(count.value == 4)
    }
}

/// How many readings came.
final class ReadingCount: Sendable {
    private let count = Flag(Mutex(0))
    var value: Int { count.value.withLock { $0 } }
    func add() { count.value.withLock { $0 += 1 } }
}
