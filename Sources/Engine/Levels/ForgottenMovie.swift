import RunModel

/// A movie that stands in an exposure's place although the store knows of none. A store that was put back from a copy has forgotten what was imaged
/// since; taking it again would double the dose and replace the movie.
struct ForgottenMovie {
    let exposure: PlannedExposure
    let grid: Grid
    let column: Column

    /// Returns when the microscope can be used and the disks answer: whether the movie is there. Both are looked at again after each wait.
    func isThere(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let session = try run.known().session
        let earlier = try run.grid(grid.id).micrograph(exposure.id)
        let movie = DoseLedger.movie(of: exposure.id, grid: grid, earlier: earlier)
        var hasWaited = false
        while true {
            try await column.waitUntilUsable(on: grid.id)
            try await run.waitForDisk(grid.id)
            do throws(RunFileError) {
                let path = run.files.path("\(session.directory)/\(movie)")
                let isThere = try await run.files.movie(at: path, frames: session.settings.movie.frames) != nil
                if hasWaited { try? run.endSilence(grid.id) }  // what cannot be written shows at the next record
                return isThere
            } catch {
                try run.checkpoint()
                hasWaited = true
                guard try await run.waitOut(error, grid.id), case .missing = error else { continue }
                // The session's folder is there and the grid's is not: nobody else makes it anew.
                try? await run.files.makeDirectories(grid.directories(of: session))  // the next look says so
            }
        }
    }

    /// Nothing is exposed: the movie proves that this was done, or a person says what became of it.
    func believe(_ acquisition: Acquisition, _ run: isolated RunContext) async throws(RunEnd) {
        let micrograph = try Record.intent(acquisition, exposure, at: try await column.stagePosition(), run)
        let what = "\(micrograph.id.wording) is not exposed: \(DoseLedger.name(of: micrograph)) is there already"
        try run.record(
            [.exposureBegan(ExposureBegan(micrograph: micrograph, of: exposure.of, expectedSeconds: 0))],
            [LogLine(.warning, "expose", "\(what), though the store knows nothing of it")])
        _ = try await SettleExposures(column: column).settleOrAsk(micrograph, run)
    }
}
