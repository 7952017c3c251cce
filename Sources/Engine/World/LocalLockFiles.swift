import Glibc
import JSONText
import RunModel

/// Lock files in a directory of this machine: written whole beside their place, then linked into it in one step.
public struct LocalLockFiles: LockFiles {
    private let directory: String
    private let pool: BlockingPool
    private let deadline: Duration

    /// `directory`: `DIR/locks`, absolute; made when it is missing.
    public init(directory: String, pool: BlockingPool, deadline: Duration = .seconds(5)) {
        self.directory = directory
        self.pool = pool
        self.deadline = deadline
    }

    private func path(_ microscope: MicroscopeID) -> String { "\(directory)/\(microscope).lock" }

    public func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        let path = path(microscope)
        let text: String
        // Text, whole numbers and a moment: nothing in a holder that JSON has no words for.
        do { text = try JSONText.encode(holder) } catch { throw .cannotMake(path: path, reason: "\(error)") }
        return try await answer(about: path) { [directory] () -> Outcome<Bool> in Self.link(text + "\n", at: path, in: directory)
        }
    }

    /// A disk that does not answer leaves the file unread: whoever then wants to replace it is told so by `remove`.
    public func read(_ microscope: MicroscopeID) async -> LockFileContent? {
        let path = path(microscope)
        do throws(BlockingPoolProblem) {
            return try await pool.run(deadline: deadline) { Self.content(of: path) }
        } catch {
            return .unreadable
        }
    }

    public func remove(_ microscope: MicroscopeID) async throws(RunFileError) {
        let path = path(microscope)
        try await answer(about: path) { [directory] () -> Outcome<Void> in
            guard unlink(path) == 0 || errno == ENOENT else { return .failure(LocalFiles.words(errno)) }
            Self.settle(directory)
            return .success(())
        }
    }

    private func answer<Value: Sendable>(
        about path: String, _ work: @escaping @Sendable () -> Outcome<Value>
    ) async throws(RunFileError) -> Value {
        let outcome: Outcome<Value>
        do throws(BlockingPoolProblem) { outcome = try await pool.run(deadline: deadline, work) } catch {
            throw .noAnswer(path: path)
        }
        switch outcome {
        case .success(let value): return value
        case .failure(let reason): throw .cannotMake(path: path, reason: reason)
        }
    }
}

private enum Outcome<Value: Sendable>: Sendable {
    case success(Value)
    case failure(String)
}

// On the blocking threads.
extension LocalLockFiles {
    /// `link` refuses a name that is taken, on network disks as well, and what it shows is whole.
    private static func link(_ text: String, at path: String, in directory: String) -> Outcome<Bool> {
        if let problem = LocalFiles.make(directory) { return .failure(problem) }
        var name = Array("\(directory)/.lock-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { return .failure(LocalFiles.words(errno)) }
        defer {
            close(file)
            unlink(name)
        }
        fchmod(file, 0o644)
        if let problem = LocalFiles.write(Array(text.utf8), to: file) { return .failure(problem) }
        guard fsync(file) == 0 else { return .failure(LocalFiles.words(errno)) }
        guard Glibc.link(name, path) == 0 else {
            return errno == EEXIST ? .success(false) : .failure(LocalFiles.words(errno))
        }
        settle(directory)
        return .success(true)
    }

    /// Names reach the disk with their directory.
    private static func settle(_ directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// A holder's text is some hundred bytes; a larger file is not one of ours.
    private static let largest = 1 << 16

    private static func content(of path: String) -> LockFileContent? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return errno == ENOENT ? nil : .unreadable }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: largest)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0, count < largest else { return .unreadable }
        // Whatever else stands there names no holder.
        guard let holder = try? JSONText.decode(LockHolder.self, from: Array(bytes.prefix(count))) else { return .unreadable }
        return .holder(holder)
    }
}
