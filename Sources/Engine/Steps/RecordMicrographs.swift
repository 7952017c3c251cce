import Microscope
import RunModel
import Store

extension RunSession {
    /// One exposure: a place within the hole, the disk asked, focus and drift, then intent, shutter, outcome. `middle`: the image shift
    /// to the hole's.
    func expose(
        _ id: MicrographID, of wanted: Int, at target: Target, _ middle: PlaneShift, _ grid: Grid, _ recipe: Recipe,
        _ scope: Scope
    ) async throws(RunEnd) {
        try await waitForColumn(grid.id, scope)
        try await waitForDisk(grid.id)
        try await makeReady(for: .exposure, scope)
        let shift = middle + ExposurePattern.shift(number: id.number, of: wanted, holeDiameter: grid.holeDiameter)
        try await scope.command { microscope throws(MicroscopeError) in try await microscope.setImageShift(shift) }
        let state = try known()
        let aim = DefocusCycle.next(
            state.session.settings.defocus, taken: try read { store throws(StoreError) in try store.exposureCount(of: grid.id) })
        var measured: Length?
        for step in recipe.highMag where step != .record {
            try checkpoint()
            measured = try await settleBeam(step, at: target, shift: shift, aim: aim, grid, scope) ?? measured
        }
        let place = try await scope.command { microscope throws(MicroscopeError) in try await microscope.stagePosition() }
        try checkpoint()
        let micrograph = try intent(id, grid: grid, state, place: place, shift: shift, aim: aim, measured: measured)
        try await take(micrograph, of: wanted, state, scope)
    }

    private func intent(
        _ id: MicrographID, grid: Grid, _ state: SessionState, place: StagePosition, shift: PlaneShift, aim: Length,
        measured: Length?
    ) throws(RunEnd) -> Micrograph {
        let earlier = try self.grid(grid.id).micrograph(id)
        let movie = state.session.settings.movie
        return Micrograph(
            id: id, movie: DoseLedger.movie(of: id, grid: grid, earlier: earlier), frames: movie.frames,
            pixelSize: state.detector.pixelSize, dose: movie.dose, stage: place, imageShift: shift, targetDefocus: aim,
            measuredDefocus: measured, begunAt: parts.now())
    }

    /// The intent is on disk before the microscope is told; the outcome follows its answer.
    private func take(_ micrograph: Micrograph, of wanted: Int, _ state: SessionState, _ scope: Scope) async throws(RunEnd) {
        let movie = state.session.settings.movie
        let seconds = parts.settings.scaled(movie.exposureTime + 3)
        try record(
            [.exposureBegan(ExposureBegan(micrograph: micrograph, of: wanted, expectedSeconds: seconds))],
            [
                LogLine(
                    .info, "expose",
                    "\(micrograph.id.wording) exposing, \(movie.exposureTime.written) s, \(movie.dose.written) e/Å²")
            ])
        tell(
            StepReading(
                step: .expose, grid: micrograph.id.grid, target: micrograph.id.hole, exposure: micrograph.id.number,
                exposures: wanted,
                expectedSeconds: seconds, begunAt: parts.now()))
        let request = DoseLedger.request(for: micrograph, of: state.session, parts.files)
        do throws(RunEnd) {
            let report = try await scope.command { microscope throws(MicroscopeError) in try await microscope.record(request) }
            try await save(micrograph, report)
            try await watchBeam(report.reading, of: micrograph)
        } catch {
            guard case .microscope(let cause) = error else { throw error }
            try await settleRefused(micrograph, cause, scope)
        }
    }

    private func save(_ micrograph: Micrograph, _ report: ExposureReport) async throws(RunEnd) {
        try record(
            [.exposureSaved(ExposureSaved(micrograph: micrograph.id, frames: report.frames, bytes: report.bytes))],
            [
                LogLine(
                    .info, "expose",
                    "\(micrograph.id.wording) saved, \(report.bytes.writtenBytes), \(DoseLedger.name(of: micrograph)).mrc")
            ])
        try noteFrames(report, of: micrograph)
        await pipeline.submit(micrograph.id)
    }

    /// A camera has settings of its own; said once a grid.
    private func noteFrames(_ report: ExposureReport, of micrograph: Micrograph) throws(RunEnd) {
        guard report.frames != micrograph.frames, try grid(micrograph.id.grid).micrographs.count == 1 else { return }
        try log(
            .warning, "expose",
            "The camera saves \(report.frames) frames where the session asks for \(micrograph.frames): its own settings decide")
    }

    /// The microscope refused: what that means for the exposure is asked at once. One that was not taken may be tried again after
    /// valves were closed; any other refusal is the target's failure.
    private func settleRefused(_ micrograph: Micrograph, _ cause: MicroscopeError, _ scope: Scope) async throws(RunEnd) {
        try log(.error, "expose", "\(micrograph.id.wording): \(cause.explanation)")
        try await settle(micrograph, scope)
        let now = try grid(micrograph.id.grid).micrograph(micrograph.id)
        if now?.status == .unknown { return try await askAbout(micrograph) }
        if now?.status == .notTaken, cause != .valveClosed { throw .microscope(cause) }
    }
}

extension MicrographID {
    /// `57-90-1`: square, hole, exposure.
    var wording: String { "\(hole.square.number)-\(hole.number)-\(number)" }
}

extension Grid {
    var holeDiameter: Length { holeType.flatMap(HoleType.init)?.diameter ?? .micrometres(1.2) }
}

extension Int {
    /// `1.2 GB`, as logs write it.
    var writtenBytes: String {
        let units: [(Double, String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        for (size, name) in units where Double(self) >= size {
            let tenths = Int((Double(self) / size * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
        }
        return "\(self) B"
    }
}
