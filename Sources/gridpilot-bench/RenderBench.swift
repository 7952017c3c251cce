import ArgumentParser
import Engine
import Foundation
import Imaging
import Microscope
import RunModel
import Simulator

/// A simulated microscope whose time costs nothing, so that what is measured is its camera.
struct QuickScope {
    static let speed = 1e7
    let column = SimulatedColumn(seed: 11)
    let microscope: SimulatedMicroscope

    init(_ camera: any SimulatedCamera) {
        microscope = SimulatedMicroscope(
            column: column, clock: ContinuousClock(), now: Moments.now, camera: camera, speed: Self.speed)
    }

    /// Onto a hole of a good square of the first grid.
    func goToHole() async throws {
        try await microscope.connect(greeting: "bench")
        try await microscope.load(slot: 1)
        try await microscope.setValves(open: true)
        guard let specimen = column.specimen(slot: 1), let square = specimen.squares.first(where: { $0.targetClass == .good }),
            let hole = specimen.holes(of: square).first(where: { $0.targetClass == .good })
        else { throw ValidationError("The specimen of this seed has no good hole.") }
        try await microscope.moveStage(to: hole.position)
        _ = try await microscope.findEucentricHeight()
        _ = try await microscope.autofocus(target: .micrometres(-1.5))
    }
}

enum Moments {
    @Sendable static func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}

struct RenderBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "The simulated camera: frames and movies of 1024 pixels.")
    @Option(help: "Pixels along each side.") var size = 1024
    @Option(help: "Movies.") var movies = 5
    @Option(help: "Frames in each.") var frames = 10

    func run() async throws {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        let scope = QuickScope(RenderingCamera(size: size, renderer: InlineRenderer()))
        try await scope.goToHole()
        // The first picture works out the particles, once for each grid.
        try await record(scope, 0, frames: 1, in: folder)
        var movie = Spread()
        var frame = Spread()
        for number in 1...movies {
            let whole = try await milliseconds { try await record(scope, number, frames: frames, in: folder) }
            movie.add(whole)
            frame.add(whole / Double(frames))
        }
        var view = Spread()
        for _ in 0..<5 {
            view.add(try await milliseconds { _ = try await scope.microscope.acquire(.view, into: "\(folder)/view.mrc") })
        }
        Report.line("Record frame of \(size) pixels, median", frame.median, "ms", promised: 150)
        Report.line("Movie of \(frames) frames, median", movie.median, "ms")
        Report.line("View image, median", view.median, "ms")
    }

    private func record(_ scope: QuickScope, _ number: Int, frames: Int, in folder: String) async throws {
        _ = try await scope.microscope.record(
            ExposureRequest(name: "bench-\(number)", file: "\(folder)/\(number).mrc", frames: frames, exposureTime: 2.4, dose: 40)
        )
    }
}

func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start).milliseconds
}
