import Microscope
import RunModel

/// One exposure: the intent is on disk before the microscope is told, the outcome follows its answer.
struct Record: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let exposure = try acquisition.plannedExposure()
        let place = try await column.stagePosition()
        try run.checkpoint()
        let micrograph = try Self.intent(acquisition, exposure, at: place, run)
        try await take(micrograph, of: exposure.of, column, run)
        return .done
    }

    static func intent(
        _ acquisition: Acquisition, _ exposure: PlannedExposure, at place: StagePosition, _ run: isolated RunContext
    ) throws(RunEnd) -> Micrograph {
        let (grid, state) = (acquisition.grid, try run.known())
        let earlier = try run.grid(grid.id).micrograph(exposure.id)
        let (movie, tilt) = (state.session.settings.movie, state.session.settings.tiltAngle)
        return Micrograph(
            id: exposure.id, movie: DoseLedger.movie(of: exposure.id, grid: grid, earlier: earlier), frames: movie.frames,
            pixelSize: state.detector.pixelSize, dose: movie.dose, stage: place, imageShift: acquisition.shift,
            tilt: tilt == 0 ? nil : tilt, targetDefocus: acquisition.aim, measuredDefocus: acquisition.measuredDefocus,
            begunAt: run.now())
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
        if try await SettleExposures(column: column).settleOrAsk(micrograph, run) == .notTaken, cause != .valveClosed {
            throw .microscope(problem.map { .folderMissing(path: $0.path) } ?? cause)
        }
    }
}
