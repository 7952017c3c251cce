import Glibc
import SystemPackage

// Files on their way to another place.
extension Files {
    /// What changes when somebody writes to a file.
    public struct Mark: Hashable, Sendable {
        public let bytes: Int
        private let seconds: Int
        private let nanoseconds: Int
        private let number: UInt64
        private let device: UInt64

        fileprivate init(_ status: stat) {
            bytes = Int(status.st_size)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            (number, device) = (UInt64(status.st_ino), UInt64(status.st_dev))
        }
    }

    public static func mark(_ path: String) throws(Errno) -> Mark {
        var status = stat()
        try retried { stat(path, &status) }
        return Mark(status)
    }

    private static func mark(_ file: FileDescriptor) throws(Errno) -> Mark {
        var status = stat()
        try retried { fstat(file.rawValue, &status) }
        return Mark(status)
    }

    /// Renames; between two disks copies, and removes the source once the copy is on its disk under its name. `resourceBusy`: somebody
    /// wrote to the source meanwhile, or brings it already; then it stays, and there is no copy.
    public static func move(_ source: String, to target: String) throws(Errno) {
        do throws(Errno) { try rename(source, to: target) } catch {
            guard error == .improperLink else { throw error }
            try carry(source, to: target)
        }
    }

    /// The part of `move` between two disks. `meanwhile`: what happens between the copy and the look at what was copied; `lastly`: between
    /// that and the removal.
    static func carry(
        _ source: String, to target: String, meanwhile: () throws(Errno) -> Void = { () throws(Errno) in },
        lastly: () throws(Errno) -> Void = { () throws(Errno) in }
    ) throws(Errno) {
        let before = try mark(source)
        try copy(source, to: target) { draft throws(Errno) in
            try meanwhile()
            guard try before == mark(source), try mark(draft).bytes == before.bytes else { throw .resourceBusy }
        }
        try settle(folder: folder(of: target))
        try lastly()
        // To bring a movie to a disk takes seconds. A source that has gone meanwhile needs no removal.
        if let now = try? mark(source), now != before {
            unlink(target)
            throw .resourceBusy
        }
        // A source that may not be removed stays: the camera's folder is somebody else's, and the movie is in its place, whole.
        unlink(source)
    }

    /// Through a draft beside `target`, so that nobody sees half of it. `resourceBusy`: somebody else is copying there. What is no file is not copied,
    /// nor is anything written to what stands in the draft's place and is not this program's own.
    public static func copy(_ source: String, to target: String) throws(Errno) {
        try copy(source, to: target) { (_: FileDescriptor) throws(Errno) in }
    }

    private static func copy(_ source: String, to target: String, check: (FileDescriptor) throws(Errno) -> Void) throws(Errno) {
        let draft = target + ".part"
        try opened(source, .readOnly, .nonBlocking) { from in
            // A device may have no end.
            try Files.check(from, isOwn: false)
            try openedOwn(draft, .writeOnly, .create) { to in
                try reserve(to, draft)
                do {
                    try pour(from, into: to)
                    try settle(to)
                    try check(to)
                    try rename(draft, to: target)
                } catch {
                    unlink(draft)
                    throw error
                }
            }
        }
    }

    /// A draft that was left behind is written anew; one that somebody writes is not touched, nor one that has become the file meanwhile.
    private static func reserve(_ file: FileDescriptor, _ draft: String) throws(Errno) {
        do throws(Errno) { try retried { flock(file.rawValue, LOCK_EX | LOCK_NB) } } catch {
            // Some shares know of no locks.
            if error == .wouldBlock || error == .resourceTemporarilyUnavailable { throw .resourceBusy }
        }
        // What has gone meanwhile, or stands there by a link, is not the file that was locked.
        guard Files.status(draft, followsLinks: false)?.type == .regular, let there = try? mark(draft), there == (try mark(file))
        else {
            throw .resourceBusy
        }
        try retried { ftruncate(file.rawValue, 0) }
    }

    private static func pour(_ from: FileDescriptor, into to: FileDescriptor) throws {
        var piece = [UInt8](repeating: 0, count: 4 << 20)
        while true {
            let count = try piece.withUnsafeMutableBytes { try from.read(into: $0) }
            if count == 0 { return }
            try piece.withUnsafeBytes { _ = try to.writeAll($0.prefix(count)) }
        }
    }
}
