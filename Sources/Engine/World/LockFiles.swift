import RunModel

/// Lock files, `DIR/locks/MICROSCOPE_ID.lock`: what people and other programs see of a lock. What excludes is the epoch in the store.
///
/// Calls may hang on a dead disk, so they have deadlines; whoever is cancelled is let go at once.
public protocol LockFiles: Sendable {
    /// Makes the file in one atomic step, with its whole content. False when there is one already.
    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool
    /// Nil when there is none.
    func read(_ microscope: MicroscopeID) async -> LockFileContent?
    func remove(_ microscope: MicroscopeID) async throws(RunFileError)
    /// Removes it where it names this holder: same process, session and epoch. Whatever else stands there stays.
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError)
    /// Moves whatever stands in its place out of the way, within its folder.
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError)
}

/// What a look at a lock file found.
public enum LockFileContent: Hashable, Sendable {
    case holder(LockHolder)
    /// Something is there that names no holder.
    case unreadable
    /// A folder, a link or the like stands in its place, which no removal of a file removes.
    case noFile(path: String)
    /// A file that this server may not read: nobody can tell whose it is.
    case closed(path: String, reason: String)
    /// It names a holder in a form that is not known here: another program's.
    case unknownForm(path: String)
    /// Nobody could look: its disk does not answer.
    case silent(RunFileError)
}

extension LockHolder {
    /// The same run at the same epoch.
    func isSame(as other: LockHolder) -> Bool {
        process == other.process && session == other.session && epoch == other.epoch
    }
}
