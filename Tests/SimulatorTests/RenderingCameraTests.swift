import Foundation
import Imaging
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct RenderingCameraTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func bench(_ seed: UInt64 = 7, size: Int = 256, pixelSize: Double = 2, faults: [SimulatedFault] = []) throws -> Bench
    {
        let bench = Bench(
            seed: seed, faults: faults, camera: RenderingCamera(size: size, pixelSize: pixelSize, renderer: InlineRenderer()))
        try bench.ready()
        return bench
    }

    @Test(arguments: [UInt64(7), 8]) func `the same hole is seen in Search and in View, where the specimen has it`(_ seed: UInt64)
        throws
    {
        let bench = try bench(seed)
        let (square, hole) = bench.goodPlace()
        let (searchFile, viewFile) = (folder.path(of: "search.mrc"), folder.path(of: "view.mrc"))
        let search = try bench.run { scope in
            try await scope.moveStage(to: square.position)
            _ = try await scope.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
            return try await scope.acquire(.search, into: searchFile)
        }
        let truth = bench.column.truePosition
        #expect(truth.distance(to: square.position) < .micrometres(0.4))
        let mapped = StagePosition(x: hole.position.x - truth.x + search.centre.x, y: hole.position.y - truth.y + search.centre.y)
        let seen = try Self.brightSpot(near: search.pixel(at: mapped), radius: 5, in: MRCFile.image(path: searchFile))
        #expect(search.stage(at: seen).distance(to: mapped) < .micrometres(0.3))

        let aligned = try bench.run { scope in
            try await scope.moveStage(to: mapped)
            return try await scope.realign(to: MappedFeature(kind: .hole, position: mapped, size: hole.diameter))
        }
        #expect(aligned.correlation > 0.6)
        #expect(bench.column.truePosition.distance(to: hole.position) < .micrometres(0.2))
        let view = try bench.run { try await $0.acquire(.view, into: viewFile) }
        let middle = PixelPoint(x: Double(view.width - 1) / 2, y: Double(view.height - 1) / 2)
        let spot = try Self.brightSpot(near: middle, radius: 30, in: MRCFile.image(path: viewFile))
        #expect(view.stage(at: spot).distance(to: view.centre) < .micrometres(0.2))
    }

    /// Centre of mass of what is brighter than the middle between foil and hole, around a place.
    private static func brightSpot(near point: PixelPoint, radius: Int, in image: Image) throws -> PixelPoint {
        let part = image.cropped(
            x: Int(point.x.rounded()) - radius, y: Int(point.y.rounded()) - radius, width: 2 * radius + 1, height: 2 * radius + 1)
        let smooth = part.blurred(sigma: 1)
        let ends = smooth.percentiles([0.1, 0.95])
        let level = (ends[0] + ends[1]) / 2
        var sums = (n: 0.0, x: 0.0, y: 0.0)
        for y in 0..<smooth.height {
            for x in 0..<smooth.width where smooth[x, y] > level { sums = (sums.n + 1, sums.x + Double(x), sums.y + Double(y)) }
        }
        try #require(sums.n > 0)
        return PixelPoint(
            x: point.x.rounded() - Double(radius) + sums.x / sums.n, y: point.y.rounded() - Double(radius) + sums.y / sums.n)
    }

    @Test func `an atlas shows bars dark, good squares bright and thick ice between`() throws {
        let bench = try bench()
        let file = folder.path(of: "atlas.mrc")
        let atlas = try bench.run { try await $0.acquireAtlas(tiles: 2, into: file) }
        let specimen = try #require(bench.column.specimen(slot: 1))
        let image = try MRCFile.image(path: file).blurred(sigma: 1)
        #expect(image.width == 512 && image.height == 512)
        func mean(_ fate: TargetClass) -> Double {
            let greys = specimen.squares.filter { $0.targetClass == fate }.map { square -> Double in
                let point = atlas.pixel(at: square.position)
                return Double(image[Int(point.x.rounded()), Int(point.y.rounded())])
            }
            return greys.reduce(0, +) / Double(greys.count)
        }
        let bars = Double(image.percentiles([0.1])[0])
        #expect(mean(.good) > 5 * bars)
        #expect(mean(.good) > 1.8 * mean(.dark))
        #expect(mean(.cracked) > mean(.good))
    }

    @Test(arguments: [-0.9, -1.6]) func `the rings of a movie tell its defocus`(_ target: Double) throws {
        let bench = try bench(size: 512, pixelSize: 1.5)
        let (_, hole) = bench.goodPlace()
        let file = folder.path(of: "movie.mrc")
        let clock = bench.executor.clock
        let report = try bench.run { scope in
            try await scope.moveStage(to: hole.position)
            _ = try await scope.findEucentricHeight()
            _ = try await scope.autofocus(target: .micrometres(target))
            try await clock.sleep(for: .seconds(120))
            return try await scope.record(Bench.request(file: file, dose: 160))
        }
        let truth = try #require(bench.column.trueDefocus)
        let movie = try MRCFile(path: file)
        #expect(movie.frameCount == 10)
        #expect(try report.bytes == #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int))
        let profile = try Rings.profile(of: movie)
        let found = Rings.defocus(of: profile, size: 512, pixelSize: 1.5)
        #expect(abs(found + truth.ångströms) < 150)
        #expect(abs(truth.micrometres - target) < 0.15)
    }

    @Test func `drift moves the molecules from frame to frame`() throws {
        let bench = try bench()
        let (_, hole) = bench.goodPlace()
        let (still, moving) = (folder.path(of: "still.mrc"), folder.path(of: "moving.mrc"))
        bench.column.add(SimulatedFault(.nitrogenFill, at: 1000, seconds: 100))
        let clock = bench.executor.clock
        try bench.run { scope in
            try await scope.moveStage(to: hole.position)
            try await clock.sleep(for: .seconds(120))
            _ = try await scope.record(Bench.request("still", file: still, dose: 4000))
            try await clock.sleep(for: .seconds(700))
            _ = try await scope.record(Bench.request("moving", file: moving, dose: 4000))
        }
        func change(_ path: String) throws -> Double {
            let movie = try MRCFile(path: path)
            let (first, last) = (try movie.frame(2).blurred(sigma: 2), try movie.frame(9).blurred(sigma: 2))
            return first.combined(with: last) { $0 - $1 }.statistics.standardDeviation
        }
        #expect(try change(moving) > 1.3 * change(still))
    }

    @Test func `a picture half written cannot be read as an image`() throws {
        let bench = try bench(faults: [SimulatedFault(.halfWritten, times: 1)])
        let file = folder.path(of: "half.mrc")
        _ = try bench.run { try await $0.acquire(.view, into: file) }
        #expect(throws: ImagingError.truncated(file: file, expectedBytes: 1024 + 256 * 256 * 2, foundBytes: 512 + 256 * 256)) {
            try MRCFile.image(path: file)
        }
    }

    @Test func `a dark image shows no beam`() throws {
        let bench = try bench(faults: [SimulatedFault(.darkImages, times: 1)])
        let (dark, bright) = (folder.path(of: "dark.mrc"), folder.path(of: "bright.mrc"))
        try bench.run { scope in
            _ = try await scope.acquire(.search, into: dark)
            _ = try await scope.acquire(.search, into: bright)
        }
        let means = try [dark, bright].map { try MRCFile.image(path: $0).statistics.mean }
        #expect(means[1] > 20 * means[0])
    }

    @Test func `the reading of an exposure is that of its summed frames, and near 0 in the dark`() throws {
        let bench = try bench()
        let (bright, dark) = (folder.path(of: "bright.mrc"), folder.path(of: "dark.mrc"))
        let (_, hole) = bench.goodPlace()
        let lit = try #require(
            try bench.run { scope in
                try await scope.moveStage(to: hole.position)
                return try await scope.record(Bench.request(file: bright))
            }.reading)
        bench.column.add(SimulatedFault(.darkImages))
        let unlit = try #require(try bench.run { try await $0.record(Bench.request("e2", file: dark)) }.reading)
        let movie = try MRCFile(path: bright)
        let sum = try (0..<movie.frameCount).reduce(0.0) { $0 + Double(try movie.frame($1).statistics.mean) }
        #expect(abs(lit.mean - sum) < 1e-2)
        #expect(lit.minimum <= lit.mean && lit.mean <= lit.maximum && lit.deviation > 0)
        #expect(unlit.mean < 0.05 * lit.mean)
    }

    @Test func `a directory that is missing is named`() throws {
        let bench = try bench()
        let file = folder.path(of: "missing/movie.mrc")
        let problem = try bench.problem { _ = try await $0.record(Bench.request(file: file)) }
        guard case .fileNotWritten(let path, _) = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(path == file)
        #expect(try bench.run { try await $0.evidence(of: Bench.request()) } == .cannotTell)
    }

    @Test func `a movie lost afterwards is no evidence`() throws {
        let bench = try bench()
        let file = folder.path(of: "movie.mrc")
        let report = try bench.run { try await $0.record(Bench.request(file: file)) }
        #expect(
            try bench.run { try await $0.evidence(of: Bench.request()) }
                == .saved(ExposureReport(frames: 10, bytes: report.bytes)))
        try FileManager.default.removeItem(atPath: file)
        #expect(try bench.run { try await $0.evidence(of: Bench.request()) } == .cannotTell)
    }

    @Test func `a cancellation while a movie is rendered leaves none`() async throws {
        let gate = Gate()
        let file = folder.path(of: "movie.mrc")
        let camera = RenderingCamera(size: 64, pixelSize: 2, renderer: gate)
        let bench = Bench(camera: camera)
        try bench.ready()
        let scope = bench.scope
        let task = bench.executor.start { () -> MicroscopeError? in
            do { _ = try await scope.record(Bench.request(file: file)) } catch { return error as? MicroscopeError }
            return nil
        }
        gate.cancelsAtOnce(task)
        #expect(try bench.executor.complete { try await task.value } == .cancelled)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(bench.column.connectedClient == nil)
        #expect(bench.entries(.exposure).count == 1)
        #expect(bench.entries(.saved).isEmpty)
    }
}
