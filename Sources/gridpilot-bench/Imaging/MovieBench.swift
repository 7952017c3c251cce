import Foundation
import Imaging
import ImagingSamples
import JSONText

/// One movie of low dose whose motion is known: aligned and summed by us and by RELION, one after the other on the same file.
struct MovieBench {
    let side: Int
    let program: String
    let folder: String
    let times: Int

    func run() throws {
        let sample = MovieSample.calibrated(side: side, seed: 1)
        let (movie, gain) = ("\(folder)/\(side).mrc", "\(folder)/\(side)_gain.mrc")
        defer { for file in [movie, gain] { try? FileManager.default.removeItem(atPath: file) } }  // The folder goes at the end.
        try sample.write(to: movie)
        try MRCFile.write(sample.camera.gain, to: gain)
        let name = "Movie \(side) x \(side) x \(sample.frameCount)"
        try alignment(name, movie, sample)
        try program(name, movie, gain, sample)
        try relion(name, movie, gain, sample)
    }

    private func alignment(_ name: String, _ movie: String, _ sample: MovieSample) throws {
        let file = try MRCFile(path: movie)
        let settings = AlignmentSettings(
            gain: sample.camera.gain, dose: DoseSettings(perFrame: sample.dose, pixelSize: 1))
        var timed = Timed()
        for _ in 0..<times { _ = try timed.measure { try FrameAlignment.align(file, settings: settings) } }
        Report.line("\(name), aligned, both sums", timed.median, "s", promised: side == 4096 ? 10 : nil)
    }

    /// The whole command: read, aligned, both sums written, CTF, pictures.
    private func program(_ name: String, _ movie: String, _ gain: String, _ sample: MovieSample) throws {
        let run = try ChildRun(
            program,
            [
                "process", movie, "--gain", gain, "--pixel-size", "1", "--dose-per-frame", "\(sample.dose)", "--out",
                "\(folder)/out",
                "--json",
            ])
        defer { try? FileManager.default.removeItem(atPath: "\(folder)/out") }  // The folder goes at the end.
        Report.line("\(name), gridpilot process", run.seconds, "s")
        Report.line("\(name), gridpilot process, processor time", run.processorSeconds, "s")
        Report.line(
            "\(name), gridpilot process, memory at its peak", run.peakMegabytes, "MB", promised: side == 4096 ? 2500 : nil)
        let shifts = try JSONText.parse(run.output)["shifts"]?.items ?? []
        let found = shifts.map { PixelShift(x: $0[0]?.double ?? 0, y: $0[1]?.double ?? 0) }
        Report.line("\(name), shifts off by, rms", DriftSample.rms(of: found, from: sample.path), "px", promised: promised)
    }

    private var promised: Double { side < 2048 ? 0.45 : side < 4096 ? 0.25 : 0.13 }

    private func relion(_ name: String, _ movie: String, _ gain: String, _ sample: MovieSample) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/relion_run_motioncorr") else {
            print("\(name), RELION: not installed (Debian's package relion)")
            return
        }
        let run = try ChildRun("/usr/bin/env", ["bash", "scripts/relion-motion", movie, gain, "1", "\(sample.dose)"])
        let lines = run.output.split(separator: "\n").map { $0.split(separator: " ") }
        guard let first = lines.first, first.count == 4, let seconds = Double(first[1]), let peak = Double(first[3]) else {
            print("\(name), RELION: \(run.output)")
            return
        }
        let found = lines.dropFirst().compactMap { words in
            words.count == 2 ? PixelShift(x: Double(words[0]) ?? 0, y: Double(words[1]) ?? 0) : nil
        }
        Report.line("\(name), RELION, one sum", seconds, "s")
        Report.line("\(name), RELION, memory at its peak", peak, "MB")
        Report.line("\(name), RELION, shifts off by, rms", DriftSample.rms(of: found, from: sample.path), "px")
    }
}
