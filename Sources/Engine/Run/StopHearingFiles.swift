import RunModel

/// A session's files for its run, which hears a stop while a disk says nothing: from then on each question has as long as a healthy disk needs.
///
/// What is cut short says that the disk does not answer, and nothing else: nobody has looked.
struct StopHearingFiles: RunFiles {
    let files: any RunFiles
    let bell: RunBell
    let clock: any Clock<Duration>
    static let patience = Duration.milliseconds(200)

    func path(_ relative: String) -> String { files.path(relative) }

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        try await answer(about: relative) { () throws(RunFileError) in
            try await files.takeFolder(relative, for: owner, taking)
        }
    }

    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try await answer(about: relative) { () throws(RunFileError) in
            try await files.checkFolder(relative, folder, of: owner)
        }
    }

    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try await answer(about: session) { () throws(RunFileError) in try await files.inner(folders, of: session) }
    }

    func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        try await answer(about: paths.first ?? "") { () throws(RunFileError) in try await files.makeDirectories(paths) }
    }

    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        try await answer(about: path) { () throws(RunFileError) in try await files.movie(at: path, frames: frames) }
    }

    func names(in relative: String) async throws(RunFileError) -> [String] {
        try await answer(about: relative) { () throws(RunFileError) in try await files.names(in: relative) }
    }

    func append(_ text: String, to relative: String) async throws(RunFileError) {
        try await answer(about: relative) { () throws(RunFileError) in try await files.append(text, to: relative) }
    }

    func space(at path: String) async throws(RunFileError) -> DiskSpace {
        try await answer(about: path) { () throws(RunFileError) in try await files.space(at: path) }
    }

    private func answer<Value: Sendable>(
        about place: String, _ work: @escaping @Sendable () async throws(RunFileError) -> Value
    ) async throws(RunFileError) -> Value {
        let silence = RunFileError.noAnswer(path: path(place))
        let outcome: Result<Value, RunFileError> = await bell.untilRung(patience: Self.patience, clock) {
            do throws(RunFileError) { return .success(try await work()) } catch {
                return .failure(Task.isCancelled ? silence : error)
            }
        }
        return try outcome.get()
    }
}
