import RunModel

extension RunSession {
    /// The session's folder, where it can be had. What a person can only put right before the start refuses it; whatever may pass by itself (a
    /// disk that is silent or not mounted) pauses the run before its first load.
    /// Once somebody rings, a silent disk gets no longer than a healthy one needs.
    func checkDisks(
        _ state: SessionState, hearing bell: RunBell, by person: String, command: CommandID
    ) async throws(EngineError) -> SessionFolder? {
        do throws(EngineError) {
            guard let folder = try await takeFolder(of: state.session, hearing: bell) else { return nil }
            let check = await bell.untilRung(patience: StopHearingFiles.patience, parts.clock) { [disks] in
                await disks.check(state)
            }
            if case .measured(let worst) = check, worst.level == .full {
                throw .reserve(path: worst.path, free: worst.freeBytes, reserve: worst.reserveBytes)
            }
            return folder
        } catch {
            try recordRefusal(error, in: state.session.group, by: person, command: command)
            throw error
        }
    }

    private func takeFolder(of session: Session, hearing bell: RunBell) async throws(EngineError) -> SessionFolder? {
        let files = StopHearingFiles(files: parts.files, bell: bell, clock: parts.clock)
        do throws(RunFileError) {
            let owner = FolderOwner(session, store: journal.store.identity)
            return try await files.takeFolder(session.directory, for: owner, .own)
        } catch {
            if case .folderTaken = error { throw .files(error) }
            return nil
        }
    }
}
