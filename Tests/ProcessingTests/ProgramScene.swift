import Foundation
import Imaging
import RunModel
import Simulator
import TestSupport

@testable import Processing

/// A session's folder with one movie, and programs that are shell scripts.
final class ProgramScene: @unchecked Sendable {
    // Only its own test changes it, before its work begins.
    var order: WorkerOrder
    let job: MovieJob
    let folder: TemporaryFolder
    let life: Life

    init() throws {
        folder = try TemporaryFolder()
        life = Life(folder.path(of: "life"))
        for name in ["g/raw", "g/png"] {
            try FileManager.default.createDirectory(atPath: folder.path(of: name), withIntermediateDirectories: true)
        }
        var job = MovieJob(
            micrograph: "s.g1.s1.h1.m1", movie: folder.path(of: "m.mrc"), sessionDirectory: folder.path, gridDirectory: "g",
            pixelSize: 1, voltage: 300, cs: 2.7, dosePerFrame: 1)
        job.frames = 8
        self.job = job
        order = WorkerOrder(job)
        let sum = Image(width: 256, height: 256, pixels: (0..<65536).map { Float(($0 * 7919) % 101) })
        try MRCFile.write(sum, to: folder.path(of: "sum.mrc"), pixelSize: 1)
    }

    var recordings: String { Bundle.module.bundlePath + "/Resources/relion" }

    /// The script runs as the motion program, three folders below the session's.
    func measure(_ script: String, program: String = "/bin/sh", clock: any Clock<Duration> = ContinuousClock()) async throws
        -> RunModel.Measurement
    {
        var order = order
        order.settings.motion = ExternalStep(program: .relion, command: [.always(program), .always("-c"), .always(script)])
        return try await order.carryOut(clock: clock)
    }

    /// What the motion program was given in place of these words; one of its files is kept. It does nothing else.
    func said(_ words: String, keeping file: String) async throws -> String {
        var order = order
        let script = "echo \"$0\" > ../../../said; cp \"$1\" ../../../kept; exit 3"
        order.settings.motion = ExternalStep(
            program: .relion, command: ["/bin/sh", "-c", script, words, file].map { .always($0) })
        do { _ = try await order.carryOut() } catch let problem as ExternalProblem {
            guard problem.sentence.hasPrefix("sh ended with code 3") else { throw problem }
        }
        return try String(contentsOfFile: folder.path(of: "said"), encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    func setRelion() {
        let words = [
            "relion_run_motioncorr", "--i", "{input}", "--o", "{out}/", "--use_own", "--j", "{threads}", "--dose_weighting",
            "--save_noDW",
        ]
        order.settings.motion = ExternalStep(
            program: .relion,
            command: words.map { .always($0) } + [
                .together(["--dose_per_frame", "{dosePerFrame}"]), .together(["--gainref", "{gain}"]),
            ])
    }

    /// Smooth random content that drifts, in Gaussian noise. Says where each frame's content lies.
    func drawMovie() throws -> [PixelPoint] {
        var generator = SeededGenerator(seed: 11)
        let waves = (0..<20).map { _ in
            (
                x: Double.random(in: -0.6...0.6, using: &generator), y: Double.random(in: -0.6...0.6, using: &generator),
                phase: Double.random(in: 0...6.28, using: &generator)
            )
        }
        let truth = (0..<8).map { PixelPoint(x: 4 * (1 - pow(0.7, Double($0))), y: -2 * (1 - pow(0.7, Double($0)))) }
        let frames = truth.map { place in
            Image(
                width: 512, height: 512,
                pixels: (0..<(512 * 512)).map { index in
                    let (x, y) = (Double(index % 512) - place.x, Double(index / 512) - place.y)
                    let content = waves.reduce(0) { $0 + cos($1.x * x + $1.y * y + $1.phase) }
                    return Float(10 + 0.5 * content + Double.random(in: -3...3, using: &generator))
                })
        }
        try MRCFile.write(frames, to: order.movie, pixelSize: 1)
        return truth
    }

    /// Three frames of noise, quick to work on.
    func drawSmallMovie() throws {
        var generator = SeededGenerator(seed: 12)
        let frames = (0..<3).map { _ in
            Image(width: 256, height: 256, pixels: (0..<65536).map { _ in Float.random(in: 0...9, using: &generator) })
        }
        try MRCFile.write(frames, to: order.movie, pixelSize: 1)
    }
}
