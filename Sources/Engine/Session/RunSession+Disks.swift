import RunModel

extension RunSession {
    /// The session's folder, where it can be had. What a person can only put right before the start refuses it; whatever may pass by itself (a
    /// disk that is silent or not mounted) pauses the run before its first load.
    func checkDisks(_ state: SessionState, by person: String, command: CommandID) async throws(EngineError) -> SessionFolder? {
        do throws(EngineError) {
            let folder = try await takeFolder(of: state.session)
            if folder != nil, case .measured(let worst) = await disks.check(state), worst.level == .full {
                throw .reserve(path: worst.path, free: worst.freeBytes, reserve: worst.reserveBytes)
            }
            return folder
        } catch {
            try recordRefusal(error, in: state.session.group, by: person, command: command)
            throw error
        }
    }

    private func takeFolder(of session: Session) async throws(EngineError) -> SessionFolder? {
        do throws(RunFileError) {
            let owner = FolderOwner(session, store: journal.store.identity)
            return try await parts.files.takeFolder(session.directory, for: owner, .own)
        } catch {
            if case .folderTaken = error { throw .files(error) }
            return nil
        }
    }
}
