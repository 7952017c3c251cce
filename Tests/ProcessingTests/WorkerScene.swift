import Foundation
import JSONText
import RunModel
import TestSupport

@testable import Processing

/// Workers that are shell scripts in a folder of their own, and one movie.
struct WorkerScene {
    let folder: TemporaryFolder
    let life: Life
    static let measurement = Measurement(
        average: "a.mrc", picture: "a.png", spectrum: "a_spectrum.png", shifts: [], totalMotion: 0, ctf: nil, reason: "None.")

    init() throws {
        folder = try TemporaryFolder()
        life = Life(folder.path(of: "life"))
        try JSONText.encode(Self.measurement).write(toFile: folder.path(of: "answer"), atomically: true, encoding: .utf8)
    }

    var job: MovieJob {
        MovieJob(
            micrograph: "s.g1.s1.h1.m1", movie: "\(folder.path)/movie.mrc", sessionDirectory: folder.path, gridDirectory: "g",
            pixelSize: 1, voltage: 300, cs: 2.7, dosePerFrame: 1)
    }

    /// `script` runs in the folder. `answer` holds a measurement; it and all it starts hold `life` by descriptor 9.
    func workers(_ script: String, clock: any Clock<Duration> = ContinuousClock()) -> WorkerProcesses {
        let folder = folder.path
        return WorkerProcesses(program: "/bin/sh", width: 1, clock: clock) { _, _ in
            ["-c", "cd '\(folder)' && exec 9>life || exit 99; \(script)"]
        }
    }

    func problem(_ script: String, clock: any Clock<Duration> = ContinuousClock()) async -> JobProblem? {
        do throws(JobProblem) {
            _ = try await workers(script, clock: clock).process(job)
            return nil
        } catch { return error }
    }

    func text(_ name: String) -> String { (try? String(contentsOfFile: folder.path(of: name), encoding: .utf8)) ?? "" }
}
