import Microscope
import RunModel

/// One exposure: the intent is on disk before the microscope is told, the outcome follows its answer.
struct Record: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let exposure = try acquisition.plannedExposure()
        let place = try await column.stagePosition()
        let micrograph = try intent(acquisition, exposure, at: place, run)
        let isForgotten = try await hasMovie(micrograph, run)
        try run.checkpoint()
        if isForgotten {
            try await believeMovie(of: micrograph, of: exposure.of, column, run)
        } else {
            try await take(micrograph, of: exposure.of, column, run)
        }
        return .done
    }

    private func intent(
        _ acquisition: Acquisition, _ exposure: PlannedExposure, at place: StagePosition, _ run: isolated RunContext
    ) throws(RunEnd) -> Micrograph {
        let (grid, state) = (acquisition.grid, try run.known())
        let earlier = try run.grid(grid.id).micrograph(exposure.id)
        let movie = state.session.settings.movie
        return Micrograph(
            id: exposure.id, movie: DoseLedger.movie(of: exposure.id, grid: grid, earlier: earlier), frames: movie.frames,
            pixelSize: state.detector.pixelSize, dose: movie.dose, stage: place, imageShift: acquisition.shift,
            targetDefocus: acquisition.aim, measuredDefocus: acquisition.measuredDefocus, begunAt: run.now())
    }

    /// Whether something stands in the movie's place already. A store that was put back from a copy has forgotten what was imaged since; taking it
    /// again would double the dose and replace the movie.
    private func hasMovie(_ micrograph: Micrograph, _ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let request = DoseLedger.request(for: micrograph, of: try run.known().session, run.files)
        var hasWaited = false
        while true {
            do throws(RunFileError) {
                let isThere = try await run.files.movie(at: request.file, frames: micrograph.frames) != nil
                if hasWaited { try? run.endSilence(micrograph.id.grid) }  // what cannot be written shows at the next record
                return isThere
            } catch {
                try run.checkpoint()
                hasWaited = true
                _ = try await run.waitOut(error, micrograph.id.grid)
            }
        }
    }

    /// Nothing is exposed: the movie that is there proves that this was done, or a person says what became of it.
    private func believeMovie(
        of micrograph: Micrograph, of wanted: Int, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) {
        try run.record(
            [.exposureBegan(ExposureBegan(micrograph: micrograph, of: wanted, expectedSeconds: 0))],
            [
                LogLine(
                    .warning, "expose",
                    "\(micrograph.id.wording) is not exposed: \(DoseLedger.name(of: micrograph)) is there already, though the store knows nothing of it"
                )
            ])
        try await settle(micrograph, column, run)
    }

    private func take(
        _ micrograph: Micrograph, of wanted: Int, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) {
        let session = try run.known().session
        let movie = session.settings.movie
        let seconds = run.settings.scaled(movie.exposureTime + 3)
        try run.record(
            [.exposureBegan(ExposureBegan(micrograph: micrograph, of: wanted, expectedSeconds: seconds))],
            [
                LogLine(
                    .info, "expose",
                    "\(micrograph.id.wording) exposing, \(movie.exposureTime.written) s, \(movie.dose.written) e/Å²")
            ])
        run.tell(
            StepReading(
                step: .expose, grid: micrograph.id.grid, target: micrograph.id.hole, exposure: micrograph.id.number,
                exposures: wanted, expectedSeconds: seconds, begunAt: run.now()))
        let request = DoseLedger.request(for: micrograph, of: session, run.files)
        do throws(RunEnd) {
            let report = try await column.record(request)
            try await save(micrograph, report, run)
            try await column.watchBeam(report.reading, of: micrograph)
        } catch {
            guard case .microscope(let cause) = error else { throw error }
            try await settleRefused(micrograph, cause, column, run)
        }
    }

    private func save(_ micrograph: Micrograph, _ report: ExposureReport, _ run: isolated RunContext) async throws(RunEnd) {
        try run.record(
            [
                .exposureSaved(
                    ExposureSaved(
                        micrograph: micrograph.id, frames: report.frames, bytes: report.bytes,
                        movie: DoseLedger.movie(report.file, of: micrograph)))
            ],
            DoseLedger.lines(on: report, of: micrograph))
        run.storeFailures = 0
        try noteFrames(report, of: micrograph, run)
        await run.pipeline.submit(micrograph.id)
    }

    /// A camera has settings of its own; said once a grid.
    private func noteFrames(
        _ report: ExposureReport, of micrograph: Micrograph, _ run: isolated RunContext
    ) throws(RunEnd) {
        // Of single electrons there are as many frames as the camera reads out.
        guard report.frames != micrograph.frames, report.file.flatMap(MovieName.ending) != ".eer",
            try run.grid(micrograph.id.grid).micrographs.count == 1
        else { return }
        try run.log(
            .warning, "expose",
            "The camera saves \(report.frames) frames where the session asks for \(micrograph.frames): its own settings decide")
    }

    /// The microscope refused: what that means for the exposure is asked at once. One that was not taken may be tried again after
    /// valves were closed; any other refusal is the target's failure.
    private func settleRefused(
        _ micrograph: Micrograph, _ cause: MicroscopeError, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) {
        try run.log(.error, "expose", "\(micrograph.id.wording): \(cause.explanation)")
        // Asked before the exposure is settled, which waits until the folder is back.
        let problem = await run.folderProblem(behind: cause)
        if try await settle(micrograph, column, run) == .notTaken, cause != .valveClosed {
            throw .microscope(problem.map { .folderMissing(path: $0.path) } ?? cause)
        }
    }

    /// What became of it, asked of the microscope, the disk and, where neither can tell, a person.
    @discardableResult
    private func settle(
        _ micrograph: Micrograph, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> MicrographStatus? {
        let exposures = SettleExposures(column: column)
        try await exposures.settle(micrograph, run)
        let status = try run.grid(micrograph.id.grid).micrograph(micrograph.id)?.status
        if status == .unknown { try await exposures.ask(about: micrograph, run) }
        return status
    }
}
