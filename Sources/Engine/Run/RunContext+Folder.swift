import RunModel

// The folder that a run writes to is looked at before every exposure and load: an unmounted disk leaves another one under the same path.
extension RunContext {
    /// Its folder first, then the space on its disks.
    func lookAtDisks() async throws(RunEnd) -> DiskCheck {
        let state = try known()
        let check: DiskCheck
        do throws(RunFileError) {
            try await lookAtFolder(of: state.session)
            check = await disks.check(state)
        } catch {
            check = .couldNotLook(path: files.path(state.session.directory), error)
        }
        // A look that was cut short by the end of the run says nothing of the disk.
        try checkpoint()
        return check
    }

    private func lookAtFolder(of session: Session) async throws(RunFileError) {
        let owner = FolderOwner(session, store: journal.store.identity)
        if let folder {
            try await files.checkFolder(session.directory, folder, of: owner)
        } else {
            folder = try await files.takeFolder(session.directory, for: owner, .own)
        }
    }

    /// A person has looked and said to go on: what stands there now is the folder, unless it is another session's.
    func believeFolder() async throws(RunEnd) {
        let session = try known().session
        let owner = FolderOwner(session, store: journal.store.identity)
        do throws(RunFileError) {
            folder = try await files.takeFolder(session.directory, for: owner, .told)
        } catch {
            // Still away, or not this session's: the next look says so.
        }
    }

    /// Whether a file could not be written because of its disk or its folder, rather than by itself.
    func isOfDisk() async throws(RunEnd) -> Bool {
        switch try await lookAtDisks() {
        case .couldNotLook: true
        case .measured(let worst): worst.level == .full
        }
    }
}
