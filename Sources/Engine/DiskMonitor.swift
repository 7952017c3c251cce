import RunModel

/// Measures the disks that sessions write to, asks `DiskGuard`, and tells.
public actor DiskMonitor {
    let parts: EngineParts
    let journal: Journal
    private(set) var histories: [String: DiskHistory] = [:]
    /// Sessions that run or that somebody watches, with how many do.
    private var watched: [SessionID: Int] = [:]
    private let changes = Condition()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(parts: EngineParts, journal: Journal) {
        self.parts = parts
        self.journal = journal
    }

    /// Looks at the disks of watched sessions, for ever.
    func run() async {
        while !Task.isCancelled {
            let seen = changes.generation
            for session in watched.keys.sorted() { await look(at: session) }
            let timer = Timer(duration: parts.settings.diskInterval, clock: parts.clock)
            await timer.wait(orUntil: changes, after: seen)
        }
    }

    /// Measures a session's disks from now on, at once for the first time.
    public func watch(_ session: SessionID) {
        watched[session, default: 0] += 1
        changes.signal()
    }

    public func unwatch(_ session: SessionID) {
        watched[session, default: 1] -= 1
        if watched[session] == 0 { watched[session] = nil }
    }

    /// Before an exposure: the disk that has least to spare, measured now, or the one that could not be measured. `besides`: folders of the
    /// session that lie on other disks, relative to the data directory.
    func check(_ state: SessionState, besides: [String] = []) async -> DiskCheck {
        var path = parts.files.path(state.session.directory)
        do throws(RunFileError) {
            var worst = try await measure(path, state)
            for other in [framesPath(of: state)].compactMap(\.self) + besides.map(parts.files.path) {
                path = other
                let reading = try await measure(path, state)
                if reading.spareBytes < worst.spareBytes { worst = reading }
            }
            return .measured(worst)
        } catch {
            return .couldNotLook(path: path, error)
        }
    }

    /// Movies whose results are still to be written. A grid that cannot be read now is left out: the reserve is there for what nobody foresees.
    private func unprocessed(_ state: SessionState) -> Int {
        state.grids.filter { $0.images > 0 }.reduce(0) { sum, grid in
            sum + ((try? journal.grid(grid.grid.id))?.micrographs.count { $0.status == .saved } ?? 0)
        }
    }

    private func look(at session: SessionID) async {
        // A store that cannot be read is told by whoever needs the answer.
        guard let state = try? journal.state(of: session) else { return }
        // A disk that does not answer has no reading; its page value grows old and says so.
        for path in [parts.files.path(state.session.directory), framesPath(of: state)].compactMap(\.self) {
            _ = try? await measure(path, state)
        }
    }

    private func measure(_ path: String, _ state: SessionState) async throws(RunFileError) -> DiskReading {
        let reading = reading(of: path, try await parts.files.space(at: path), state)
        journal.tellNow(.disk(state.session.id, reading))
        return reading
    }

    /// Where the camera's own movies go, if that is not the session's folder.
    private func framesPath(of state: SessionState) -> String? {
        state.detector.framesDirectory.flatMap { $0 == parts.files.path(state.session.directory) ? nil : $0 }
    }

    private func reading(of path: String, _ space: DiskSpace, _ state: SessionState) -> DiskReading {
        let now = parts.now()
        // Each session has a folder of its own, and a server runs for months.
        if histories[path] == nil { histories = histories.filter { !$0.value.isPast(at: now) } }
        histories[path, default: DiskHistory()].note(space.freeBytes, at: now)
        let rate = histories[path]?.bytesPerHour ?? 0
        let need = DiskNeed(state, unprocessed: unprocessed(state))
        let reserve = state.session.settings.diskReserve
        return DiskReading(
            path: path, totalBytes: space.totalBytes, freeBytes: space.freeBytes, reserveBytes: reserve, bytesPerHour: rate,
            level: DiskGuard.level(
                freeBytes: space.freeBytes, reserveBytes: reserve, nextBytes: need.nextMovie, neededBytes: need.rest),
            neededBytes: need.rest, trend: histories[path]?.trend ?? [], device: space.device)
    }
}

/// What a look at the disks of a session found. A disk that says nothing is never taken for one with room.
enum DiskCheck {
    case measured(DiskReading)
    case couldNotLook(path: String, RunFileError)
}

extension DiskReading {
    /// What may still be written before the reserve is touched; negative beyond it.
    var spareBytes: Int { freeBytes - reserveBytes }
}
