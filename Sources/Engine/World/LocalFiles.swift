import Blocking
import Glibc
import Imaging
import RunModel

/// A run's files on this machine's disks, each asked on its disk's lane.
public struct LocalFiles: RunFiles {
    private let root: String
    private let disks: DiskLanes
    private let deadline: Duration
    private let clock: any Clock<Duration>
    /// A movie that is not written to for so long is finished.
    private static let stillness = Duration.seconds(1)

    /// `root`: the data directory, absolute.
    public init(
        root: String, disks: DiskLanes, deadline: Duration = .seconds(5), clock: any Clock<Duration> = ContinuousClock()
    ) {
        (self.root, self.disks, self.deadline, self.clock) = (root, disks, deadline, clock)
    }

    public func path(_ relative: String) -> String { relative.hasPrefix("/") ? relative : "\(root)/\(relative)" }

    public func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        for path in paths.map(path) {
            try await answer(about: path) { () throws(RunFileError) in
                do throws(Errno) { try Files.makeDirectories(path) } catch { throw RunFileError(error, making: path) }
            }
        }
    }

    public func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        guard var found = try await look(at: path, frames) else { return nil }
        guard found.movie.isWhole, found.mayGrow else { return found.movie }
        // Cut short by the end of the run: then nobody has seen it stand still.
        let hasWaited = (try? await clock.sleep(for: Self.stillness)) != nil
        let again = try await look(at: path, frames)
        if !hasWaited || again?.mark != found.mark {
            found.movie = MovieOnDisk(isWhole: false, frames: 0, bytes: found.movie.bytes)
        }
        return found.movie
    }

    public func names(in relative: String) async throws(RunFileError) -> [String] {
        let path = path(relative)
        return try await answer(about: path) { () throws(RunFileError) in
            do throws(Errno) { return try Files.names(in: path) } catch {
                if error == .noSuchFileOrDirectory { throw .missing(path: path) }
                throw .folderUnusable(path: path, reason: error.words)
            }
        }
    }

    private func look(at path: String, _ frames: Int) async throws(RunFileError) -> FoundMovie? {
        try await answer(about: path) { () throws(RunFileError) in try Self.movie(path, frames: frames) }
    }

    public func append(_ text: String, to relative: String) async throws(RunFileError) {
        let path = path(relative)
        try await answer(about: path) { () throws(RunFileError) in
            do throws(Errno) {
                // Another folder may stand there while the session's disk is not mounted.
                _ = try Files.size("\(Files.folder(of: path))/\(FolderOwner.marker)")
                try Files.append(text, to: path)
            } catch {
                throw RunFileError(error, making: path)
            }
        }
    }

    public func space(at path: String) async throws(RunFileError) -> DiskSpace {
        try await answer(about: path) { () throws(RunFileError) in try Self.space(path) }
    }

    func answer<Value: Sendable>(
        about path: String, _ work: @escaping @Sendable () throws(RunFileError) -> Value
    ) async throws(RunFileError) -> Value {
        let outcome: Result<Value, RunFileError>
        do throws(BlockingProblem) {
            outcome = try await disks.run(at: path, deadline: deadline, endsWhenCancelled: true) {
                Result { () throws(RunFileError) in try work() }
            }
        } catch {
            throw RunFileError(error, about: path)
        }
        return try outcome.get()
    }
}

extension RunFileError {
    init(_ reason: Errno, making path: String) {
        self = .cannotMake(path: path, reason: reason == .fileExists ? "a file is in its place" : reason.words)
    }
}

/// A movie's file at one look.
private struct FoundMovie: Sendable {
    var movie: MovieOnDisk
    /// Nil where there was no asking.
    var mark: Files.Mark?
    /// Its frames end properly after each one of them; an MRC header tells how long its file becomes.
    var mayGrow = false
}

// On a disk's lane.
extension LocalFiles {
    private static func movie(_ wanted: String, frames: Int) throws(RunFileError) -> FoundMovie? {
        do throws(Errno) {
            for path in MovieName.candidates(for: wanted) where try Files.isThere(path) {
                return movie(path, at: try Files.mark(path), frames, isWanted: path == wanted)
            }
            return nil
        } catch {
            if error == .noSuchFileOrDirectory { throw .missing(path: Files.folder(of: wanted)) }
            throw .folderUnusable(path: Files.folder(of: wanted), reason: error.words)
        }
    }

    private static func movie(_ path: String, at mark: Files.Mark, _ frames: Int, isWanted: Bool) -> FoundMovie {
        // No movie, or shorter than its header says: either way not whole.
        guard let movie = try? MovieFile.open(path: path), movie.isComplete(of: frames) else {
            return FoundMovie(movie: MovieOnDisk(isWhole: false, frames: 0, bytes: mark.bytes), mark: mark)
        }
        let found = MovieOnDisk(isWhole: true, frames: movie.rawFrameCount, bytes: mark.bytes, file: isWanted ? nil : path)
        return FoundMovie(movie: found, mark: mark, mayGrow: !(movie is MRCFile))
    }

    /// An exposure leaves up to ten files: the movie, what describes it, its averages, pictures, the store's own.
    private static let leastFiles: UInt = 64

    /// What stands above a directory that is not there may be another disk: an unmounted one leaves it so.
    private static func space(_ path: String) throws(RunFileError) -> DiskSpace {
        var disk = statvfs()
        do throws(Errno) { try Files.retried { statvfs(path, &disk) } } catch {
            if error == .noSuchFileOrDirectory { throw .missing(path: path) }
            throw .cannotMeasure(path: path, reason: error.words)
        }
        // Some file systems keep no such table, and say 0 of both.
        if disk.f_files > 0, disk.f_favail < leastFiles { throw .noFilesLeft(path: path) }
        var status = stat()
        // A disk that was measured is told without its number where that cannot be had.
        let device = stat(path, &status) == 0 ? Int(bitPattern: UInt(status.st_dev)) : nil
        return DiskSpace(disk, device: device)
    }
}

extension DiskSpace {
    /// As a file system tells it. One that is filled beyond what it keeps back for root says a number below zero of its free blocks.
    init(_ disk: statvfs, device: Int?) {
        let free = Int64(truncatingIfNeeded: disk.f_bavail) < 0 ? 0 : disk.f_bavail
        self.init(
            totalBytes: Self.bytes(disk.f_blocks, of: disk.f_frsize), freeBytes: Self.bytes(free, of: disk.f_frsize),
            device: device)
    }

    /// More than any disk has, and little enough to reckon with.
    private static let most: UInt = 1 << 60

    private static func bytes(_ blocks: UInt, of size: UInt) -> Int {
        let (bytes, isTooMany) = blocks.multipliedReportingOverflow(by: size)
        return Int(isTooMany ? most : min(bytes, most))
    }
}
