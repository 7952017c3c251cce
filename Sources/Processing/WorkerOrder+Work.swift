import Imaging
import RunModel

extension WorkerOrder {
    /// Works on the movie and writes its average and pictures below the session's directory.
    public func carryOut(clock: any Clock<Duration> = ContinuousClock()) async throws -> Measurement {
        let done = try await settings.motion == nil ? workHere() : work(elsewhere: clock)
        let outcome = done.outcome
        try PNG.write(Thumbnail.make(outcome.doseWeighted ?? outcome.average, size: 1024), to: path(files.picture))
        try PNG.write(outcome.spectrumPicture, to: path(files.spectrum))
        var measurement = measurement(outcome, done.conditions)
        if let ctf = ExternalCTF(done.movie, clock, pixelSize: outcome.pixelSize) {
            (measurement.ctf, measurement.reason) = try await ctf.measure(files.average)
            let more = CTFEstimate.warnings(ofAstigmatism: measurement.ctf?.astigmatism ?? 0)
            if !more.isEmpty { measurement.warnings = (measurement.warnings ?? []) + more }
        }
        return measurement
    }

    /// The aligned movie, how it was taken, and what the next program is told of it.
    private typealias Work = (outcome: MovieWork.Outcome, conditions: MovieConditions, movie: ToldMovie)

    private func workHere() throws -> Work {
        let file = try MovieFile.open(path: movie, eer: electrons)
        var conditions = MovieConditions(self, file)
        try DetectorSize.check(file, detector, conditions.facts)
        var work = self.work(conditions)
        work.gain = try conditions.gain(gain, for: file, folders: gainFolders)
        work.defects = try conditions.defects(detector?.defects, for: file)
        (work.patches, work.binning) = (settings.patches, detector?.binning ?? 1)
        let outcome = try conditions.carryOut(work, on: file)
        try MRCFile.write(outcome.average, to: path(files.average), pixelSize: outcome.pixelSize)
        // What there is to remark has been remarked.
        var aside = conditions
        return (outcome, conditions, try ToldMovie(self, file, &aside))
    }

    private func work(elsewhere clock: any Clock<Duration>) async throws -> Work {
        var (conditions, told) = (MovieConditions(untold: self), ToldMovie(untold: self))
        // A facility's program may read what is not read here, and says itself what is wrong with it.
        if let file = try? MovieFile.open(path: movie, eer: electrons) {
            conditions = MovieConditions(self, file)
            try DetectorSize.check(file, detector, conditions.facts)
            told = try ToldMovie(self, file, &conditions)
        }
        guard let motion = ExternalMotion(told, clock) else { return try workHere() }
        return (try await motion.carryOut(work(conditions)), conditions, told)
    }

    private var electrons: EERSettings { (settings.eer ?? ElectronFrames()).settings(dose: dosePerFrame * Double(frames)) }

    private func work(_ conditions: MovieConditions) -> MovieWork {
        var work = MovieWork(pixelSize: conditions.pixelSize, voltage: conditions.voltage, cs: cs)
        work.dosePerFrame = conditions.dosePerFrame
        work.amplitudeContrast = settings.amplitudeContrast
        work.fitsCTF = settings.ctf == nil
        return work
    }
}
