import RunModel

// Movies over a disk that says nothing.
//
// A job that reads such a disk hangs, and nothing can end it while the kernel waits for the disk. So a movie is begun only where the last
// look at its session's disk was answered, and jobs over a silent one no longer count against the width: other sessions have all of it.
// Until a silence is found its jobs do count, and from then on no session's movies are begun before its own disk has been looked at anew. A
// disk that falls silent thus holds at most `width` jobs, however many sessions lie on it.
extension ProcessingPipeline {
    /// How many jobs can move.
    var movingJobs: Int { inWork.keys.count { disks[$0.session] != .silent } }
    var silentSessions: Set<SessionID> { Set(disks.filter { $0.value == .silent }.keys) }

    /// Sessions with waiting movies whose disks nobody looks at; from here on the caller does.
    func takeUnwatched() -> [SessionID] {
        let sessions = Set(waiting.map(\.session)).filter { disks[$0] == nil }.sorted()
        for session in sessions { disks[session] = .unknown }
        return sessions
    }

    /// Looks at a session's disk for as long as that matters. Each session has its own looks: one that waits for its disk holds up no other.
    func watchDisk(of session: SessionID) async {
        while !Task.isCancelled, disks[session] == .silent || hasMovies(session) {
            let seen = looks.generation
            await look(at: session, after: seen)
            await Timer(duration: parts.settings.diskInterval, clock: parts.clock).wait(orUntil: looks, after: seen)
        }
        disks[session] = nil
    }

    /// Whether a failure of this movie's job may be its disk's.
    func mayBeOfDisk(_ id: MicrographID) async -> Bool {
        if inWork[id]?.hasMetSilence == true { return true }
        guard let answers = await answers(id.session) else { return true }
        if !answers { fallSilent(id.session) }
        return inWork[id]?.hasMetSilence ?? false
    }

    private func hasMovies(_ session: SessionID) -> Bool {
        waiting.contains { $0.session == session } || inWork.keys.contains { $0.session == session }
    }

    private func look(at session: SessionID, after seen: Int) async {
        switch await answers(session) {
        case true?: if looks.generation == seen { answer(session) }  // else a silence was found since this look began
        case false?: fallSilent(session)
        case nil:
            // Where its disk is cannot be read now. Others are not kept waiting behind its movies.
            waiting.removeAll { $0.session == session }
            lookAgainLater()
            changes.signal()
        }
    }

    /// Nil where nobody can tell. A disk that cannot be measured is as good as silent: a run waits for it as well.
    private func answers(_ session: SessionID) async -> Bool? {
        guard let state = try? journal.state(of: session) else { return nil }
        do throws(RunFileError) {
            // A movie that is looked for under a disk that is not mounted is not lost.
            try await parts.files.checkFolder(
                state.session.directory, nil, of: FolderOwner(state.session, store: journal.store.identity))
            _ = try await parts.files.space(at: parts.files.path(state.session.directory))
            return true
        } catch {
            // A look that was cut off found nothing.
            return Task.isCancelled ? nil : false
        }
    }

    private func answer(_ session: SessionID) {
        let before = disks.updateValue(.answers, forKey: session)
        if before == .silent { hasMoreInStore = true }
        if before != .answers { changes.signal() }
    }

    private func fallSilent(_ session: SessionID) {
        guard disks.updateValue(.silent, forKey: session) != .silent else { return }
        waiting.removeAll { $0.session == session }
        for id in inWork.keys where id.session == session { inWork[id]?.hasMetSilence = true }
        // Another session may lie on the same disk.
        disks = disks.mapValues { $0 == .answers ? .unknown : $0 }
        looks.signal()
        changes.signal()
    }
}

/// What the last look at a disk found.
enum DiskAnswer {
    /// Nobody has looked since it was first needed, or since another disk fell silent.
    case unknown
    case answers, silent
}
