import Blocking
import Glibc
import Imaging

/// Motion correction by a facility's program: its sums are kept and its shifts are read; pictures are made and the rings measured here.
struct ExternalMotion {
    private let order: WorkerOrder
    private let run: ExternalRun

    init?(_ movie: ToldMovie, _ clock: any Clock<Duration>) {
        guard let step = movie.order.settings.motion else { return nil }
        order = movie.order
        run = ExternalRun(step, movie, movie.order, clock)
    }

    /// What the program left, by name in its folder.
    struct Output: Equatable {
        var shifts: [PixelShift]
        var average: String
        var doseWeighted: String?
    }

    func carryOut(_ work: MovieWork) async throws -> MovieWork.Outcome {
        try run.prepare()
        defer { run.clear() }
        let output = run.step.program == .relion ? try await relion() : try await motioncor()
        try check(output.shifts)
        let average = try image(output.average)
        let weighted = try output.doseWeighted.map { try image($0) }
        try keep(output.average, as: order.files.average)
        if let name = output.doseWeighted { try keep(name, as: order.files.weighted) }
        var work = work
        work.pixelSize = average.pixelSize
        let motion = FrameMotion(output.shifts, pixelSize: order.pixelSize, dosePerFrame: order.dosePerFrame)
        var outcome = work.outcome(
            shifts: output.shifts, average: average.image, doseWeighted: weighted?.image, motion: motion.total / work.pixelSize)
        outcome.totalMotion = motion.total
        return outcome
    }

    private func relion() async throws -> Output {
        let ending = order.movie.split(separator: ".").last.map(String.init) ?? "mrc"
        try run.link(order.movie, as: "movie.\(ending)")
        let star = RelionInput(order).text(movie: "movie.\(ending)")
        do throws(Errno) { try Files.write(star, to: "\(run.folder)/input.star") } catch {
            throw run.problem("has no input: \(error.words).")
        }
        let words = try await run.run(input: "input.star", output: "movie.mrc")
        let list = StarTable(try run.text("\(ExternalRun.out)/corrected_micrographs.star", "list of corrected micrographs"))
        guard let sum = list.values("micrographs", "MicrographName").first,
            let metadata = list.values("micrographs", "MicrographMetadata").first
        else { throw run.problem("wrote no sum of this movie. \(ExternalRun.quoted(words))") }
        guard let shifts = MotionLog.relion(try run.text(metadata, "shifts of this movie")) else {
            throw run.problem("wrote shifts that cannot be read.")
        }
        guard let plain = list.values("micrographs", "MicrographNameNoDW").first else {
            return Output(shifts: shifts, average: sum)
        }
        return Output(shifts: shifts, average: plain, doseWeighted: sum)
    }

    private func motioncor() async throws -> Output {
        _ = try await run.run(input: order.movie, output: "sum.mrc")
        let names = run.written
        // MotionCor2 writes `NAME0-Full.log` or `NAME-Full.log` where its log folder is told to be.
        guard let log = names.first(where: { $0.hasSuffix("Full.log") }) else {
            throw run.problem("wrote no log of whole-frame shifts.")
        }
        guard let shifts = MotionLog.motioncor(try run.text("\(ExternalRun.out)/\(log)", "log of whole-frame shifts")) else {
            throw run.problem("wrote shifts that cannot be read.")
        }
        return Output(
            shifts: shifts, average: "\(ExternalRun.out)/sum.mrc",
            doseWeighted: names.contains("sum_DW.mrc") ? "\(ExternalRun.out)/sum_DW.mrc" : nil)
    }

    /// Impossible numbers are not passed on.
    private func check(_ shifts: [PixelShift]) throws(ExternalProblem) {
        // Tens of thousands of pixels lie outside any camera.
        guard shifts.allSatisfy({ $0.length < 20_000 }) else { throw run.problem("wrote impossible shifts.") }
        // A program may be told to leave a few frames out, not most of them.
        guard order.frames == 0 || (order.frames / 2...order.frames).contains(shifts.count) else {
            throw run.problem("wrote \(shifts.count) shifts for \(order.frames) frames.")
        }
    }

    /// With its pixels in Å: a sum may be binned, and says so.
    private func image(_ name: String) throws(ExternalProblem) -> (image: Image, pixelSize: Double) {
        let path = "\(run.folder)/\(name)"
        guard access(path, R_OK) == 0 else { throw run.problem("wrote no sum \(name).") }
        let (image, found) = try read(path)
        guard image.statistics.standardDeviation.isFinite else { throw run.problem("wrote a sum that holds no numbers.") }
        let binning = (found ?? order.pixelSize) / order.pixelSize
        return (image, (0.99...8).contains(binning) ? binning * order.pixelSize : order.pixelSize)
    }

    private func read(_ path: String) throws(ExternalProblem) -> (image: Image, pixelSize: Double?) {
        do throws(ImagingError) {
            let file = try MRCFile(path: path)
            return (try file.frame(0), file.pixelSize)
        } catch {
            throw run.problem("wrote a sum that is not an image: \(error.sentence)")
        }
    }

    private func keep(_ name: String, as kept: String) throws(ExternalProblem) {
        guard rename("\(run.folder)/\(name)", order.path(kept)) == 0 else {
            throw run.problem("left a sum that cannot be kept as \(kept): \(Errno.last.words).")
        }
    }
}

/// The STAR file that RELION reads, of one movie.
struct RelionInput {
    private let order: WorkerOrder

    init(_ order: WorkerOrder) { self.order = order }

    func text(movie: String) -> String {
        """

        # version 30001

        data_optics

        loop_
        _rlnOpticsGroupName #1
        _rlnOpticsGroup #2
        _rlnMicrographOriginalPixelSize #3
        _rlnVoltage #4
        _rlnSphericalAberration #5
        _rlnAmplitudeContrast #6
        opticsGroup1 1 \(order.pixelSize) \(order.voltage) \(order.cs) \(order.settings.amplitudeContrast)


        # version 30001

        data_movies

        loop_
        _rlnMicrographMovieName #1
        _rlnOpticsGroup #2
        \(movie) 1


        """
    }
}
