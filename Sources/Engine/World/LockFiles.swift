import RunModel

/// Lock files, `DIR/locks/MICROSCOPE_ID.lock`: what people and other programs see of a lock. What excludes is the epoch in the store.
public protocol LockFiles: Sendable {
    /// Makes the file in one atomic step, with its whole content. False when there is one already.
    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool
    /// Nil when there is none.
    func read(_ microscope: MicroscopeID) async -> LockFileContent?
    func remove(_ microscope: MicroscopeID) async throws(RunFileError)
}

/// What a look at a lock file found.
public enum LockFileContent: Hashable, Sendable {
    case holder(LockHolder)
    /// Something is there that names no holder.
    case unreadable
    /// Nobody could look: its disk does not answer.
    case silent(RunFileError)
}
