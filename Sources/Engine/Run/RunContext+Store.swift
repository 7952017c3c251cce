import RunModel
import Store

// The store cannot be written: its disk is full, silent, gone or read-only.
extension RunContext {
    /// Tries again every few seconds, for as long as it takes. A disk that was full has a person say when to go on. What a store refuses ten times
    /// that takes other changes in between is no fault of its disk, and ends the run.
    ///
    /// `closeValves` is false while nobody can say that they are closed: then it is asked again as well.
    func waitForStore(_ cause: StoreError, closeValves: @Sendable () async throws(RunEnd) -> Bool) async throws(RunEnd) {
        if case .refused(let path, let detail) = cause, storeFailures >= Self.mostRefusals {
            throw .store(.contradicted(path: path, detail: detail))
        }
        let began = now()
        var areClosed = try await closeValves()
        // One that fails again and again is asked less and less often: each time costs the column its valves.
        let pause = settings.pollInterval * min(1 << min(storeFailures, 4), 12)
        storeFailures += 1
        var last = cause
        while true {
            tell(trouble: last, valvesClosed: areClosed)
            try await rest(pause)
            do throws(RunEnd) {
                journal.reread(session)
                try noteStoreIsBack(after: cause, since: began)
                break
            } catch {
                guard case .store(let now) = error, now.mayPass else { throw error }
                last = now
            }
            if !areClosed { areClosed = try await closeValves() }
        }
        endTrouble()
        // What was saved late was not handed on.
        await pipeline.lookInStore()
        if case .full = cause { try await askAboutFullStore(cause) }
    }

    /// Not stored, since nothing can be.
    func tell(trouble cause: StoreError, valvesClosed: Bool?) {
        let valves =
            switch valvesClosed {
            case true?: "The column valves are closed."
            case false?: "Nobody can say whether the column valves are closed."
            case nil: "The column valves are being closed."
            }
        let detail = [
            "Nothing is being imaged, and nothing was lost. \(valves)", cause.remedy,
            "The run waits until the store can be written.",
        ]
        let since = troubleSince ?? now()
        troubleSince = since
        journal.tellNow(
            .trouble(
                session,
                TroubleReading(sentence: cause.sentence, detail: detail.compactMap(\.self).joined(separator: " "), since: since)))
    }

    /// Between two exposures; some seven minutes.
    private static let mostRefusals = 10

    private func noteStoreIsBack(after cause: StoreError, since began: Timestamp) throws(RunEnd) {
        let seconds = Int(clamping: now().seconds(since: began))
        try record(
            [],
            [
                LogLine(.error, "store", "\(cause.sentence) Nothing was imaged for \(seconds) s."),
                LogLine(.info, "store", "The store can be written again"),
            ])
    }

    /// What was told of the store is over; also where a run ends meanwhile.
    func endTrouble() {
        guard troubleSince != nil else { return }
        troubleSince = nil
        journal.tellNow(.trouble(session, nil))
    }

    /// Another program may take the room again at once.
    private func askAboutFullStore(_ cause: StoreError) async throws(RunEnd) {
        let state = try known()
        guard let grid = state.current ?? state.grids.first?.grid.id else { return }
        try raise(NoticeID.disk, .err, "Disk full.", "\(cause.sentence) \(cause.remedy ?? "") Then continue.")
        _ = try await ask(Question(.diskFull, grid: grid, cause: cause.sentence))
        try clear(NoticeID.disk)
    }
}
