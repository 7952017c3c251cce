import Microscope
import RunModel

// Images that cannot be the specimen stop a run before the next one is wasted.
extension Column {
    /// Looks at what an exposure counted.
    func watchBeam(_ reading: CameraReading?, of micrograph: Micrograph) async throws(RunEnd) {
        guard let reading else { return }
        let suspicion = beam.note(reading, dose: micrograph.dose, pixelSize: micrograph.pixelSize)
        if let suspicion { try await doubt(suspicion, micrograph.id.grid) }
    }

    /// A target at which nothing could be done: right after a dark exposure, the beam may be the reason.
    func watchBeam(_ cause: MicroscopeError, of grid: Grid) async throws(RunEnd) {
        switch cause {
        case .notAligned, .refused: if let suspicion = beam.noteUnseen() { try await doubt(suspicion, grid.id) }
        default: return
        }
    }

    /// A question about the images that an ended run left open is asked again before anything else is exposed.
    func takeUpDoubt() async throws(RunEnd) {
        // A new run tries by itself.
        try await run.withdraw(.fileSilent, because: "the run tries again")
        try await run.withdraw(.gridsFailAlike, because: "the run tries again")
        guard let prompt = try await run.known().prompt, prompt.kind == .imagesSuspect else { return }
        try await askAboutImages(prompt.grid, prompt.cause)
    }

    private func doubt(_ suspicion: BeamWatch.Suspicion, _ grid: GridID) async throws(RunEnd) {
        try await run.log(.error, "beam", "\(suspicion.sentence) \(suspicion.detail)")
        try await run.raise(NoticeID.images, .err, suspicion.sentence, suspicion.detail)
        try await askAboutImages(grid, "\(suspicion.sentence) \(suspicion.detail)")
    }

    private func askAboutImages(_ grid: GridID, _ cause: String?) async throws(RunEnd) {
        _ = try await run.ask(Question(.imagesSuspect, grid: grid, cause: cause))
        try await run.clear(NoticeID.images)
    }
}
