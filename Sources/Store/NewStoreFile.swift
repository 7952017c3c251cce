import Blocking
import Foundation
import GRDB
import Glibc
import Synchronization

/// A store that begins: made whole beside its place, then put there in one step, so that a start that is cut short anywhere leaves either
/// no store or a whole one.
struct NewStoreFile {
    /// What a start does to the disk, in order. A test ends it at any of them.
    enum Step: String, CaseIterable {
        case lockFolder, removeLeftover, createDraft, writeDraft, settleDraft, link, replace, removeDraft, settleFolder
    }
    let path: String
    let identity: String
    /// Asked before each call; what it throws is that call's outcome.
    var before: (Step) throws(Errno) -> Void = { _ throws(Errno) in }

    private var folder: String { Files.folder(of: path) }
    private var draft: String { "\(path).new-\(getpid())" }
    /// What a disk says that knows no second name of a file.
    static let noLinks: [Errno] = [.notPermitted, .notSupportedOnSocket, .noFunction, .tooManyLinks]
    /// Two threads of one process would write one draft.
    private static let making = Mutex(())

    /// Where a store, or anything else that is not empty, stands already, only what earlier starts left is removed.
    func make() throws(StoreError) {
        guard try !StorePlace(path: path).isTaken() else { return removeDrafts() }
        let bytes = try Self.contents(identity: identity, path: path)
        do {
            try Self.making.withLock { _ in try lockedFolder { () throws(Errno) in try make(of: bytes) } }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Why a place is of no use is told by whoever opens it next.
    private var isFree: Bool { (try? StorePlace(path: path).isTaken()) == false }

    private func make(of bytes: [UInt8]) throws(Errno) {
        // Another process may have been here first.
        guard isFree else { return }
        for draft in try AbandonedDrafts(of: path).paths() { try remove(draft) }
        try removeLogs()
        do throws(Errno) {
            try write(bytes)
            try place()
        } catch {
            // What cannot be removed now is an abandoned draft to the next start.
            _ = try? call(.removeDraft) { () throws(Errno) in try Files.retried { unlink(draft) } }
            throw error
        }
        try call(.settleFolder) { () throws(Errno) in try Files.settle(folder: folder) }
    }

    private func write(_ bytes: [UInt8]) throws(Errno) {
        let file = try call(.createDraft) { () throws(Errno) in
            try Files.inSystemWords {
                try FileDescriptor.open(
                    draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
            }
        }
        try Files.inSystemWords {
            try file.closeAfter {
                try call(.writeDraft) { () throws(Errno) in _ = try Files.inSystemWords { try file.writeAll(bytes) } }
                try call(.settleDraft) { () throws(Errno) in try Files.settle(file) }
            }
        }
    }

    /// An empty file is replaced; where there is none a link is made, which never takes the place of what somebody put there meanwhile.
    private func place() throws(Errno) {
        if Files.isTaken(path), isFree {
            return try call(.replace) { () throws(Errno) in try Files.rename(draft, to: path) }
        }
        do throws(Errno) {
            try call(.link) { () throws(Errno) in try Files.retried { Glibc.link(draft, path) } }
        } catch  where Self.noLinks.contains(error) && !Files.isTaken(path) {
            // The folder's lock keeps out whoever else would make a store here.
            return try call(.replace) { () throws(Errno) in try Files.rename(draft, to: path) }
        } catch {
            // Somebody else was faster: theirs is the store.
            guard error == .fileExists || Self.noLinks.contains(error) && Files.isTaken(path) else { throw error }
        }
        try call(.removeDraft) { () throws(Errno) in try Files.retried { unlink(draft) } }
    }

    /// Only one process at a time clears and makes. A share that knows no such lock goes without.
    private func lockedFolder(_ body: () throws(Errno) -> Void) throws(Errno) {
        let file = try call(.lockFolder) { () throws(Errno) in
            try Files.inSystemWords { try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec]) }
        }
        try Files.inSystemWords {
            try file.closeAfter {
                _ = flock(file.rawValue, LOCK_EX)
                try body()
            }
        }
    }
}

extension NewStoreFile {
    /// What cannot be removed beside a whole store harms nobody.
    private func removeDrafts() {
        Self.making.withLock { _ in
            guard let drafts = try? AbandonedDrafts(of: path).paths() else { return }
            for draft in drafts { _ = try? remove(draft) }
        }
    }

    private func remove(_ file: String) throws(Errno) {
        try call(.removeLeftover) { () throws(Errno) in try Files.retried { unlink(file) } }
    }

    /// The logs that stood beside a store that is no longer there would be taken for parts of the new one. One with something in it may hold
    /// somebody's work, and is kept under another name.
    private func removeLogs() throws(Errno) {
        for log in ["-wal", "-shm", "-journal"].map({ path + $0 }) where Files.exists(log) {
            // One that cannot be measured is kept.
            guard log.hasSuffix("-wal"), (try? Files.size(log)) != 0 else {
                try remove(log)
                continue
            }
            try call(.removeLeftover) { () throws(Errno) in try Files.rename(log, to: Self.freeName("\(log).left")) }
        }
    }

    /// One that was kept before stays as well.
    private static func freeName(_ name: String) -> String {
        guard Files.exists(name) else { return name }
        var number = 2
        while Files.exists("\(name)-\(number)") { number += 1 }
        return "\(name)-\(number)"
    }

    @discardableResult
    private func call<Value>(_ step: Step, _ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        try before(step)
        return try body()
    }
}
