import ArgumentParser
import Foundation
import Imaging
import JSONText
import Processing
import RunModel

struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process", abstract: "Works on movies by hand: aligned average, CTF, pictures.",
        discussion: """
            Writes NAME_average.mrc, NAME_average.png and NAME_spectrum.png, and NAME_doseweighted.mrc where the dose is known. MRC and TIFF
            movies, movies of single electrons (EER), single images, PNG pictures and DigitalMicrograph's files are read. What SerialEM's mdoc or EPU's
            XML beside a movie says of its pixels, voltage and dose is used where nothing is named here, and said where it differs.
            """)

    @Argument(help: "Movies.") var movies: [String]
    @Option(
        help:
            "A gain reference, multiplied into every frame: MRC, TIFF, .gain, dm3 or dm4. Of EER movies only .gain is; others divide."
    ) var gain: String?
    @Option(help: "Quarter turns of the gain reference, 0 to 3, as RELION counts.") var gainRotation = 0
    @Option(help: "0, 1 (upside down) or 2 (left to right), after the turns.") var gainFlip = 0
    @Option(help: "Patches along a side for local motion; 0: frames move as wholes.") var patches = 0
    @Option(
        help: "Å of the movie's pixels; of EER read with --eer-upsampling 2, half the detector's. (default: what the movie says)")
    var pixelSize: Double?
    @Option(help: "kV. (default: what the file says, else 300)") var voltage: Double?
    @Option(help: "SerialEM's file of the camera's defects.") var defects: String?
    @Option(help: "Pixels of the movie along a side of one of the average's, 1 to 4, by cropping in Fourier space.") var bin = 1
    @Option(help: "EER: e/Å² of the frames that are aligned. (default: 1)") var eerDose: Double?
    @Option(help: "EER: the camera's frames in each that is aligned, instead of a dose.") var eerFrames: Int?
    @Option(help: "EER: 1, or 2 for half the pixels.") var eerUpsampling = 1
    @Option(help: "Spherical aberration, mm.") var cs = 2.7
    @Option(help: "e/Å² in each frame that the camera saved: adds a dose-weighted sum.") var dosePerFrame: Double?
    @Option(help: "Fraction of amplitude contrast.") var amplitudeContrast = 0.07
    @Flag(name: .customLong("no-align"), help: "Sums the frames as they lie.") var noAlign = false
    @Option(help: "The folder to write into. (default: the movie's own)") var out: String?
    @Flag(help: "One JSON object a movie.") var json = false
    @Option(help: .private) var workerJson: String?
    @Option(help: .private) var workerResult: String?

    func validate() throws {
        let rules: [(Bool, String)] = [
            (pixelSize.map { (0.01...1000).contains($0) } ?? true, "--pixel-size is in Å, 0.01 to 1000."),
            (voltage.map { (10...1500).contains($0) } ?? true, "--voltage is in kV, 10 to 1500."),
            ((0...20).contains(cs), "--cs is in mm, 0 to 20."),
            (dosePerFrame.map { (0...1000).contains($0) } ?? true, "--dose-per-frame is in e/Å², 0 to 1000."),
            ((0...1).contains(amplitudeContrast), "--amplitude-contrast is a fraction from 0 to 1."),
            ((1...4).contains(bin), "--bin is 1 to 4."),
            (eerDose.map { (0.01...100).contains($0) } ?? true, "--eer-dose is in e/Å², 0.01 to 100."),
            (eerFrames.map { (1...10_000).contains($0) } ?? true, "--eer-frames is 1 to 10000."),
            (eerDose == nil || eerFrames == nil, "--eer-dose and --eer-frames say the same in two ways: name one."),
            (eerUpsampling == 1 || eerUpsampling == 2, "--eer-upsampling is 1 or 2."),
            ((0...3).contains(gainRotation), "--gain-rotation is 0 to 3 quarter turns."),
            ((0...2).contains(gainFlip), "--gain-flip is 0, 1 or 2."),
            (patches == 0 || (2...12).contains(patches), "--patches is 0, or 2 to 12."),
        ]
        if let broken = rules.first(where: { !$0.0 }) { throw ValidationError(broken.1) }
        let bases = movies.map(base)
        if let twice = bases.first(where: { name in bases.count { $0 == name } > 1 }) {
            throw ValidationError(
                "Two movies would both be written as \(twice)_average.mrc: process them into folders of their own.")
        }
    }

    func run() async throws {
        if let workerJson { return try await Worker.run(workerJson, result: workerResult) }
        var failures = 0
        for movie in movies {
            do throws(ImagingError) {
                try work(on: movie)
            } catch {
                failures += 1
                Terminal.complain(error)
            }
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private func work(on path: String) throws(ImagingError) {
        let start = ContinuousClock.now
        let movie = try opened(path)
        let dose = dosePerFrame.map { $0 * Double(movie.rawFrameCount) }
        var conditions = MovieConditions(pixelSize: pixelSize, voltage: voltage, dose: dose, of: movie)
        // Without a pixel size frames can be aligned all the same; only what is measured in Å cannot be told.
        var work = MovieWork(
            pixelSize: pixelSize ?? conditions.pixelSize, voltage: voltage ?? conditions.voltage, cs: cs)
        let named = gain.map { GainFile(file: $0, rotation: gainRotation, flip: gainFlip) }
        work.gain = try conditions.gain(named, for: movie)
        work.defects = try conditions.defects(defects, for: movie)
        (work.patches, work.binning) = (patches, bin)
        work.amplitudeContrast = amplitudeContrast
        let perFrame = dose.map { $0 / Double(movie.frameCount) } ?? conditions.dosePerFrame
        work.dosePerFrame = conditions.isMeasured ? perFrame : 0
        work.aligns = !noAlign
        let outcome = try conditions.carryOut(work, on: movie)
        let files = try write(outcome, named: path, pixelSize: conditions.isMeasured ? outcome.pixelSize : nil)
        let report = MovieReport(
            file: path, outcome: outcome, files: files, hasPixelSize: conditions.isMeasured,
            remarks: conditions.words(asNamed: true),
            seconds: (ContinuousClock.now - start) / .seconds(1))
        Terminal.say(json ? JSONText.write(report.json) : report.text)
    }

    /// A movie of electrons is put together by the dose that is named, or that the camera wrote.
    private func opened(_ path: String) throws(ImagingError) -> any MovieSource {
        let grouping = eerFrames.map(EERSettings.Grouping.frames) ?? .dose(eerDose ?? 1)
        let settings = EERSettings(upsampling: eerUpsampling, grouping: grouping)
        let movie = try MovieFile.open(path: path, eer: settings)
        guard let dosePerFrame, movie is EERFile else { return movie }
        let known = EERSettings(upsampling: eerUpsampling, grouping: grouping, dose: dosePerFrame * Double(movie.rawFrameCount))
        return try MovieFile.open(path: path, eer: known)
    }

    /// What is written of a movie begins with this.
    private func base(of movie: String) -> String {
        let url = URL(fileURLWithPath: movie)
        return "\(out ?? url.deletingLastPathComponent().path)/\(url.deletingPathExtension().lastPathComponent)"
    }

    private func write(_ outcome: MovieWork.Outcome, named movie: String, pixelSize: Double?) throws(ImagingError)
        -> MovieReport.Files
    {
        let folder = out ?? URL(fileURLWithPath: movie).deletingLastPathComponent().path
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw .cannotWrite(file: folder, reason: "the folder cannot be made")
        }
        let base = base(of: movie)
        let average = "\(base)_average.mrc"
        try MRCFile.write(outcome.average, to: average, pixelSize: pixelSize)
        var weighted: String?
        if let image = outcome.doseWeighted {
            weighted = "\(base)_doseweighted.mrc"
            try MRCFile.write(image, to: weighted ?? "", pixelSize: pixelSize)
        }
        try PNG.write(Thumbnail.make(outcome.doseWeighted ?? outcome.average, size: 1024), to: "\(base)_average.png")
        try PNG.write(outcome.spectrumPicture, to: "\(base)_spectrum.png")
        return MovieReport.Files(average: average, doseWeighted: weighted)
    }
}
