import Blocking
import Foundation
import Testing

/// A folder in which names can be disks without any being mounted.
private struct Disks: MountTable {
    let folder: String
    var devices: [String: String]

    init(_ devices: [String: String]) throws {
        // Without links: a mount's place has none.
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        self.devices = devices
        for name in devices.keys {
            try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        }
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }
    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }
    func mounts() -> [Mount] {
        [Mount(point: "/", device: "root")] + devices.map { Mount(point: path($0.key), device: $0.value) }
    }
    func remove() { try? FileManager.default.removeItem(atPath: folder) }  // A leftover does no harm.
}

@Suite struct DiskLanesTests {
    private let hang = Hang()
    private let long = Duration.seconds(60)

    /// Hangs the disk `dead`, and returns when its silence is known.
    private func silence(_ name: String, of disks: Disks, _ lanes: DiskLanes) async {
        await #expect(throws: BlockingProblem.self) {
            try await lanes.run(at: disks.path(name), deadline: .milliseconds(20), hang.call)
        }
    }

    private func isSilent(_ path: String, _ lanes: DiskLanes) async throws -> Bool {
        do throws(BlockingProblem) { try await lanes.run(at: path, deadline: long) {} } catch {
            guard case .silent = error else { throw error }
            return true
        }
        return false
    }

    @Test func `a disk that hangs is refused under each of its names, and every other disk answers`() async throws {
        let disks = try Disks(["dead": "8:1", "alive": "8:2", "other name": "8:1", "dead/inner": "8:3"])
        defer { disks.remove() }
        let lanes = DiskLanes(mounts: disks)
        await silence("dead", of: disks, lanes)
        #expect(try await isSilent(disks.path("dead/file"), lanes))
        #expect(try await isSilent(disks.path("other name/file"), lanes))
        #expect(try await !isSilent(disks.path("alive/file"), lanes))
        #expect(try await !isSilent(disks.path("dead/inner/file"), lanes))
        #expect(try await !isSilent(disks.path("deadline"), lanes))
        hang.end()
    }

    @Test func `links that lead to a disk which hangs are that disk's, wherever they stand`() async throws {
        let disks = try Disks(["dead": "8:1", "alive": "8:2"])
        defer { disks.remove() }
        try disks.link("alive/frames", to: "../dead/frames")
        try disks.link("short cut", to: disks.path("alive"))
        try disks.link("alive/here", to: "movies/today")
        let lanes = DiskLanes(mounts: disks)
        await silence("dead", of: disks, lanes)
        #expect(try await isSilent(disks.path("alive/frames/1.mrc"), lanes))
        #expect(try await isSilent(disks.path("short cut/frames/1.mrc"), lanes))
        #expect(try await !isSilent(disks.path("short cut/1.mrc"), lanes))
        #expect(try await !isSilent(disks.path("alive/here/1.mrc"), lanes))
        hang.end()
    }

    @Test func `a link that stands on a disk which hangs is not followed`() async throws {
        let disks = try Disks(["dead": "8:1", "alive": "8:2"])
        defer { disks.remove() }
        try disks.link("dead/frames", to: disks.path("alive"))
        let lanes = DiskLanes(mounts: disks)
        await silence("dead", of: disks, lanes)
        #expect(try await isSilent(disks.path("dead/frames/1.mrc"), lanes))
        #expect(try await isSilent(disks.path("alive/../dead/1.mrc"), lanes))
        #expect(try await isSilent(disks.path("dead/../alive/1.mrc"), lanes))
        hang.end()
    }

    @Test func `a way that ends before it comes to a disk which hangs is not that disk's`() async throws {
        let disks = try Disks(["dead": "8:1", "alive": "8:2"])
        defer { disks.remove() }
        let lanes = DiskLanes(mounts: disks)
        await silence("dead", of: disks, lanes)
        try disks.link("alive/back", to: "..")
        #expect(try await isSilent(disks.path("alive/back/dead/1.mrc"), lanes))
        #expect(try await !isSilent(disks.path("alive/nowhere/../back/dead/1.mrc"), lanes))
        hang.end()
    }

    @Test func `links in a circle end with the call's own answer`() async throws {
        let disks = try Disks(["alive": "8:2"])
        defer { disks.remove() }
        try disks.link("alive/a", to: "b")
        try disks.link("alive/b", to: "a")
        let lanes = DiskLanes(mounts: disks)
        #expect(try await lanes.run(at: disks.path("alive/a/x"), deadline: long) { 42 } == 42)
    }

    @Test func `the place that is named is where the silent disk is mounted`() async throws {
        let disks = try Disks(["dead": "8:1"])
        defer { disks.remove() }
        let lanes = DiskLanes(mounts: disks)
        await silence("dead", of: disks, lanes)
        let problem = await #expect(throws: BlockingProblem.self) {
            try await lanes.run(at: disks.path("dead/a/b"), deadline: long) {}
        }
        #expect(problem?.sentence.hasPrefix("The disk at \(disks.path("dead")) has not answered for ") == true)
        hang.end()
    }
}
