import Glibc
import Imaging
import RunModel

/// A run's files on this machine's disks, asked through the pool of blocking threads.
public struct LocalFiles: RunFiles {
    private let root: String
    private let pool: BlockingPool
    private let deadline: Duration

    /// `root`: the data directory, absolute.
    public init(root: String, pool: BlockingPool, deadline: Duration = .seconds(5)) {
        self.root = root
        self.pool = pool
        self.deadline = deadline
    }

    public func path(_ relative: String) -> String { relative.hasPrefix("/") ? relative : "\(root)/\(relative)" }

    public func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        for path in paths.map(path) {
            try await answer(about: path) { Self.make(path).map { .cannotMake(path: path, reason: $0) } }
        }
    }

    /// A disk that does not answer is no proof that nothing was written: the movie then counts as there and not whole.
    public func movie(at path: String, frames: Int) async -> MovieOnDisk? {
        do throws(BlockingPoolProblem) {
            return try await pool.run(deadline: deadline, endsWhenCancelled: true) { Self.movie(path, frames: frames) }
        } catch {
            return MovieOnDisk(isWhole: false, frames: 0, bytes: 0)
        }
    }

    public func append(_ text: String, to relative: String) async throws(RunFileError) {
        let path = path(relative)
        try await answer(about: path) { Self.append(text, to: path).map { .cannotMake(path: path, reason: $0) } }
    }

    public func space(at path: String) async throws(RunFileError) -> DiskSpace {
        let outcome: Result<DiskSpace, RunFileError>
        do throws(BlockingPoolProblem) {
            outcome = try await pool.run(deadline: deadline, endsWhenCancelled: true) { Self.space(path) }
        } catch {
            throw .noAnswer(path: path)
        }
        return try outcome.get()
    }

    private func answer(about path: String, _ work: @escaping @Sendable () -> RunFileError?) async throws(RunFileError) {
        let problem: RunFileError?
        do throws(BlockingPoolProblem) { problem = try await pool.run(deadline: deadline, endsWhenCancelled: true, work) } catch {
            throw .noAnswer(path: path)
        }
        if let problem { throw problem }
    }
}

// On the blocking threads. What goes wrong comes back in the system's words.
extension LocalFiles {
    /// With all directories above it; one that is there already is fine.
    static func make(_ path: String) -> String? {
        if mkdir(path, 0o775) == 0 { return nil }
        let code = errno
        switch code {
        case EEXIST: return isDirectory(path) ? nil : "a file is in its place"
        case ENOENT:
            let parent = parent(of: path)
            guard parent != path else { return words(code) }
            return make(parent) ?? (mkdir(path, 0o775) == 0 || isDirectory(path) ? nil : words(errno))
        default: return words(code)
        }
    }

    private static func append(_ text: String, to path: String) -> String? {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        var file = open(path, flags, 0o664)
        if file < 0, errno == ENOENT {
            if let problem = make(parent(of: path)) { return problem }
            file = open(path, flags, 0o664)
        }
        guard file >= 0 else { return words(errno) }
        defer { close(file) }
        return write(Array(text.utf8), to: file)
    }

    static func write(_ bytes: [UInt8], to file: Int32) -> String? {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + done, bytes.count - done) }  // not empty here
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return words(errno) }
            done += count
        }
        return nil
    }

    private static func movie(_ path: String, frames: Int) -> MovieOnDisk? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT ? nil : MovieOnDisk(isWhole: false, frames: 0, bytes: 0)
        }
        let bytes = Int(status.st_size)
        // Not an MRC file, or shorter than its header says: either way not whole.
        guard let file = try? MRCFile(path: path), file.frameCount >= frames else {
            return MovieOnDisk(isWhole: false, frames: 0, bytes: bytes)
        }
        return MovieOnDisk(isWhole: true, frames: file.frameCount, bytes: bytes)
    }

    /// Of the nearest directory that exists: a session's is made when its first run begins.
    private static func space(_ path: String) -> Result<DiskSpace, RunFileError> {
        var disk = statvfs()
        var place = path
        while statvfs(place, &disk) != 0 {
            let code = errno
            guard code == ENOENT, parent(of: place) != place else {
                return .failure(.cannotMeasure(path: path, reason: words(code)))
            }
            place = parent(of: place)
        }
        let block = Int(disk.f_frsize)
        return .success(DiskSpace(totalBytes: Int(disk.f_blocks) * block, freeBytes: Int(disk.f_bavail) * block))
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func words(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
