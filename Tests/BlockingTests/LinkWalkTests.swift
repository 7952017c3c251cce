import Foundation
import Testing

@testable import Blocking

@Suite final class LinkWalkTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    private let mounts = [Mount(point: "/", device: "root"), Mount(point: "/nowhere/at/all", device: "away")]

    init() throws { try Files.makeDirectories("\(folder)/x") }
    deinit { Files.removeTree(folder) }

    /// Of this thread: others may keep the machine busy.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    // As many links as a kernel follows, each as long as one may be. The parts are there, or not.
    @Test(arguments: ["x/../", "no/"]) func `links that bring thousands of parts back keep a lane busy for no time`(part: String)
        throws
    {
        for number in 0..<39 {
            let target = "l\(number + 1)/"
            let parts = String(repeating: part, count: (4094 - target.utf8.count) / part.utf8.count)
            try #require(symlink(target + parts, "\(folder)/l\(number)") == 0)
        }
        try Files.makeDirectories("\(folder)/l39/x")
        let before = Self.processorSeconds
        #expect(LinkWalk("\(folder)/l0/file").leaving(mounts[0], of: mounts) == nil)
        #expect(Self.processorSeconds - before < 0.25)
    }

    @Test func `a way that ends at a name that is not there is followed no further`() throws {
        let mounts = mounts + [Mount(point: "\(folder)/x", device: "other")]
        #expect(LinkWalk("\(folder)/no/../x/file").leaving(mounts[0], of: mounts) == nil)
        #expect(LinkWalk("\(folder)/./x/../x/file").leaving(mounts[0], of: mounts) != nil)
    }

    @Test func `steps back behind a link are taken from where it leads to`() throws {
        try Files.makeDirectories("\(folder)/a/b/c")
        try #require(symlink("a/b/c", "\(folder)/link") == 0)
        let mounts = mounts + [Mount(point: "\(folder)/a/b/disk", device: "other")]
        #expect(LinkWalk("\(folder)/link/../disk/file").leaving(mounts[0], of: mounts) != nil)
        #expect(LinkWalk("\(folder)/link/disk/../file").leaving(mounts[0], of: mounts) == nil)
    }
}
