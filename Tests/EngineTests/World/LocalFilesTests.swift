import Blocking
import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct LocalFilesTests {
    let folder: TemporaryFolder
    let files: LocalFiles

    init() throws {
        folder = try TemporaryFolder()
        files = LocalFiles(root: folder.path, disks: DiskLanes())
    }

    @Test func `a movie is whole with all its frames, and not with half its bytes`() async throws {
        let path = folder.path(of: "movie.mrc")
        #expect(try await files.movie(at: path, frames: 2) == nil)
        await #expect(throws: RunFileError.missing(path: folder.path(of: "away"))) {
            try await files.movie(at: folder.path(of: "away/movie.mrc"), frames: 2)
        }
        let frame = Image(width: 16, height: 16, filledWith: 3)
        try MRCFile.write([frame, frame], to: path, mode: .int16)
        let bytes = 1024 + 2 * 16 * 16 * 2
        #expect(try await files.movie(at: path, frames: 2) == MovieOnDisk(isWhole: true, frames: 2, bytes: bytes))
        #expect(try await files.movie(at: path, frames: 3)?.isWhole == false)
        #expect(truncate(path, off_t(bytes / 2)) == 0)
        #expect(try await files.movie(at: path, frames: 2) == MovieOnDisk(isWhole: false, frames: 0, bytes: bytes / 2))
    }

    @Test func `a place where nobody can look is not one where something is there in part`() async throws {
        try Data().write(to: URL(fileURLWithPath: folder.path(of: "movies")))
        await #expect(throws: RunFileError.folderUnusable(path: folder.path(of: "movies"), reason: "not a directory")) {
            try await files.movie(at: folder.path(of: "movies/movie.mrc"), frames: 2)
        }
    }

    @Test(arguments: [true, false]) func `a chain of frames that still grows is no whole movie`(grows: Bool) async throws {
        let path = folder.path(of: "movie.eer")
        try write(frames: 1, to: path)
        let clock = TestClock()
        let files = LocalFiles(root: folder.path, disks: DiskLanes(), clock: clock)
        async let found = files.movie(at: folder.path(of: "movie.mrc"), frames: 400)
        let wait = try await clock.nextSleep()
        if grows { try write(frames: 2, to: path) }
        clock.advance(by: wait)
        // Nobody knows how many frames of electrons there will be.
        #expect(try await found?.isWhole == !grows)
    }

    private func write(frames: Int, to path: String) throws {
        let writer = EERWriter(path: path, width: 16, height: 16, pixelSize: 1, seed: 3)
        for _ in 0..<frames { writer.append(Image(width: 16, height: 16, filledWith: 1)) }
        try writer.finish()
    }

    @Test func `a movie is found under the ending that its camera gave it`() async throws {
        let (wanted, path) = (folder.path(of: "movie.mrc"), folder.path(of: "movie.tif"))
        let writer = try TIFFWriter(path: path, width: 16, height: 16, pixels: .uint8)
        for _ in 0..<2 { try writer.append(Image(width: 16, height: 16, filledWith: 3)) }
        try writer.finish()
        let clock = TestClock()
        let files = LocalFiles(root: folder.path, disks: DiskLanes(), clock: clock)
        async let looked = files.movie(at: wanted, frames: 2)
        clock.advance(by: try await clock.nextSleep())
        let found = try #require(try await looked)
        #expect(found.isWhole && found.frames == 2 && found.file == path)
        #expect(try await files.movie(at: folder.path(of: "movi.mrc"), frames: 2) == nil)
    }

    @Test func `lines are added to a file in a session's folder, and to none that takes its place`() async throws {
        await #expect(throws: RunFileError.self) { try await files.append("none\n", to: "a/b/run.out") }
        try await files.makeDirectories(["a/b"])
        await #expect(throws: RunFileError.self) { try await files.append("none\n", to: "a/b/run.out") }
        try Data().write(to: URL(fileURLWithPath: folder.path(of: "a/b/\(FolderOwner.marker)")))
        try await files.append("one\n", to: "a/b/run.out")
        try await files.append("two\n", to: "a/b/run.out")
        #expect(try String(contentsOfFile: folder.path(of: "a/b/run.out"), encoding: .utf8) == "one\ntwo\n")
    }

    @Test func `a file in a directory's place is named`() async throws {
        try Data().write(to: URL(fileURLWithPath: folder.path(of: "raw")))
        await #expect(throws: RunFileError.cannotMake(path: folder.path(of: "raw"), reason: "a file is in its place")) {
            try await files.makeDirectories(["raw"])
        }
    }

    @Test func `a disk that hangs is named with the time of its silence, and a run's files on another disk are made`()
        async throws
    {
        let disks = DiskLanes(
            mounts: FixedMounts([Mount(point: "/", device: "1"), Mount(point: folder.path(of: "share"), device: "2")]))
        let files = LocalFiles(root: folder.path, disks: disks)
        let hang = DispatchSemaphore(value: 0)
        defer { hang.signal() }
        let share = folder.path(of: "share/frames")
        await #expect(throws: BlockingProblem.self) {
            try await disks.run(at: share, deadline: .milliseconds(20)) { hang.wait() }
        }
        // More often than the lane has threads: none of them is spent on a disk that is known to be silent.
        for _ in 1...10 {
            let problem = await #expect(throws: RunFileError.self) { try await files.space(at: share) }
            #expect(problem?.sentence.hasPrefix("The disk at \(share) has not answered for ") == true)
        }
        try await files.makeDirectories(["raw"])
        #expect(try await files.space(at: folder.path).freeBytes > 0)
    }

    @Test func `a directory that is not there is not measured by what stands above it`() async throws {
        let path = folder.path(of: "not/mounted")
        await #expect(throws: RunFileError.missing(path: path)) { try await files.space(at: path) }
        try await files.makeDirectories(["not/mounted"])
        #expect(try await files.space(at: path).totalBytes > 0)
    }
}
