import Blocking
import Glibc
import JSONText
import RunModel
import Synchronization

/// Lock files in a directory of this machine: written whole beside their place, then linked into it in one step.
public struct LocalLockFiles: LockFiles {
    private let directory: String
    private let disks: DiskLanes
    private let deadline: Duration
    private let seen = SeenLocks()

    /// `directory`: `DIR/locks`, absolute; made when it is missing.
    public init(directory: String, disks: DiskLanes, deadline: Duration = .seconds(5)) {
        self.directory = directory
        self.disks = disks
        self.deadline = deadline
    }

    private func path(_ microscope: MicroscopeID) -> String { "\(directory)/\(microscope).lock" }

    public func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        let path = path(microscope)
        let text: String
        // Text, whole numbers and a moment: nothing in a holder that JSON has no words for.
        do { text = try JSONText.encode(holder) + "\n" } catch { throw .cannotMake(path: path, reason: "\(error)") }
        let isMade = try await answer(about: path) { [directory] isWanted throws(Errno) in
            try Self.link(text, at: path, in: directory, isWanted)
        }
        if isMade { seen.note(Array(text.utf8), of: microscope) }
        return isMade
    }

    /// A file that could not be looked at may be anybody's: it is never taken for one that names nobody.
    public func read(_ microscope: MicroscopeID) async -> LockFileContent? {
        let path = path(microscope)
        do throws(RunFileError) {
            switch try await answer(about: path, { _ throws(Errno) in try Self.look(at: path) }) {
            case .noFile: return .noFile(path: path)
            case .closed(let reason): return .closed(path: path, reason: reason)
            case .bytes(let bytes):
                seen.note(bytes, of: microscope)
                return bytes.map { Self.content(of: $0, at: path) }
            }
        } catch {
            return .silent(error)
        }
    }

    /// Removes the file that was made or read here last, and no other: the next holder's may stand in its place by the time the disk answers.
    public func remove(_ microscope: MicroscopeID) async throws(RunFileError) {
        let path = path(microscope)
        let meant = seen.bytes(of: microscope)
        try await answer(about: path) { [directory] isWanted throws(Errno) in
            try Self.remove(path, meant: meant, in: directory, isWanted)
        }
        seen.note(nil, of: microscope)
    }

    public func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        let path = path(microscope)
        try await answer(about: path) { [directory] isWanted throws(Errno) in
            guard let bytes = try Self.bytes(of: path), case .holder(let named) = Self.content(of: bytes, at: path),
                named.isSame(as: holder)
            else { return }
            try Self.remove(path, meant: bytes, in: directory, isWanted)
        }
        seen.note(nil, of: microscope)
    }

    public func setAside(_ microscope: MicroscopeID) async throws(RunFileError) {
        let path = path(microscope)
        try await answer(about: path) { [directory] isWanted throws(Errno) in
            try Self.setAside(path, in: directory, isWanted)
        }
        seen.note(nil, of: microscope)
    }

    /// Cancelled, it ends at once, as after its deadline: whoever ends a run waits for no disk. What was not begun by then is not done any more.
    private func answer<Value: Sendable>(
        about path: String,
        _ work: @escaping @Sendable (_ isWanted: () -> Bool) throws(Errno) -> Value
    ) async throws(RunFileError) -> Value {
        let outcome: Result<Value, Errno>
        do throws(BlockingProblem) {
            outcome = try await disks.run(at: path, deadline: deadline, endsWhenCancelled: true) { isWanted in
                Result { () throws(Errno) in try work(isWanted) }
            }
        } catch {
            throw RunFileError(error, about: path)
        }
        do throws(Errno) { return try outcome.get() } catch { throw RunFileError(error, making: path) }
    }
}

/// What the lock files held when this process last made or read them.
private final class SeenLocks: Sendable {
    /// Nil inside: there was no file.
    private let held = Mutex<[MicroscopeID: [UInt8]?]>([:])

    func note(_ bytes: [UInt8]?, of microscope: MicroscopeID) { held.withLock { $0[microscope] = .some(bytes) } }
    func bytes(of microscope: MicroscopeID) -> [UInt8]?? { held.withLock { $0[microscope] } }
}

// On the disk's lane.
extension LocalLockFiles {
    /// `link` refuses a name that is taken, on network disks as well, and what it shows is whole. `isWanted` is asked last: a file that is made for a
    /// run that has given up would keep everybody out.
    private static func link(
        _ text: String, at path: String, in directory: String, _ isWanted: () -> Bool
    ) throws(Errno) -> Bool {
        // Only the folder itself: a data directory that was taken away is not made anew.
        if mkdir(directory, 0o700) != 0, !Files.isDirectory(directory) { throw .last }
        let draft = try Files.draft(text, in: directory)
        defer { unlink(draft) }
        guard isWanted() else { return false }
        do throws(Errno) { try Files.retried { Glibc.link(draft, path) } } catch {
            guard error == .fileExists else { throw error }
            return false
        }
        settle(directory)
        return true
    }

    /// Where none was made or read before, what stands there now is meant. `isWanted` is asked last: the look may have taken minutes.
    static func remove(_ path: String, meant: [UInt8]??, in directory: String, _ isWanted: () -> Bool) throws(Errno) {
        if let meant, try bytes(of: path) != meant { return }
        guard isWanted() else { return }
        do throws(Errno) { try Files.retried { unlink(path) } } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
        }
        settle(directory)
    }

    /// A folder is moved with all that it holds: nobody knows whose that is.
    private static func setAside(_ path: String, in directory: String, _ isWanted: () -> Bool) throws(Errno) {
        var number = 1
        while isThere("\(path).aside-\(number)") { number += 1 }
        let place = "\(path).aside-\(number)"
        guard isWanted() else { return }
        do throws(Errno) { try Files.retried { Glibc.rename(path, place) } } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
        }
        settle(directory)
    }

    private enum Look: Sendable {
        case bytes([UInt8]?)
        case noFile
        case closed(reason: String)
    }

    private static func look(at path: String) throws(Errno) -> Look {
        guard try !isNoFile(path) else { return .noFile }
        do throws(Errno) { return .bytes(try bytes(of: path)) } catch {
            guard error == .permissionDenied || error == .notPermitted else { throw error }
            return .closed(reason: error.words)
        }
    }

    private static func isThere(_ path: String) -> Bool {
        var facts = Glibc.stat()
        return lstat(path, &facts) == 0
    }

    /// Something is there that is no file of its own.
    private static func isNoFile(_ path: String) throws(Errno) -> Bool {
        var facts = Glibc.stat()
        do throws(Errno) { try Files.retried { lstat(path, &facts) } } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
            return false
        }
        return facts.st_mode & S_IFMT != S_IFREG
    }

    /// A name that did not reach the disk is a leftover after a power cut, and those are cleared.
    private static func settle(_ directory: String) {
        do throws(Errno) { try Files.settle(folder: directory) } catch {}
    }

    /// A holder's text is some hundred bytes; a larger file is not one of ours.
    private static let largest = 1 << 16

    /// Nil for no file, empty for what is not one of ours by its kind or size. One that cannot be read now may be anybody's.
    private static func bytes(of path: String) throws(Errno) -> [UInt8]? {
        // Opening a pipe would wait for somebody at its other end.
        guard try !isNoFile(path) else { return [] }
        do throws(Errno) { return try Files.read(path, limit: largest) } catch {
            switch error {
            case .noSuchFileOrDirectory: return nil
            case .isDirectory, .tooManySymbolicLinkLevels, .fileTooLarge: return []
            default: throw error
            }
        }
    }

    private static func content(of bytes: [UInt8], at path: String) -> LockFileContent {
        let limits = JSONLimits.foreign(bytes: largest, depth: 8)
        if let holder = try? JSONText.decode(LockHolder.self, from: bytes, limits: limits) { return .holder(holder) }
        // A later version's holder may live. Whatever else stands there names nobody.
        guard let value = try? JSONText.parse(bytes, limits: limits), value["session"] != nil || value["host"] != nil else {
            return .unreadable
        }
        return .unknownForm(path: path)
    }
}
