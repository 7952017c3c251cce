import Blocking
import Engine
import Foundation
import Imaging
import Microscope
import Processing
import RunModel
import Simulator
import TestSupport
import Testing

/// What the demo's pages show against what its simulated column truly did: both ends of the real pipeline, pixels between them.
@Suite struct DemoMeasurementTests {
    private let folder: TemporaryFolder
    private let executor = SeededExecutor(seed: 11)
    private let column = SimulatedColumn(seed: 11)
    private let scope: SimulatedMicroscope

    init() throws {
        folder = try TemporaryFolder()
        scope = SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(milliseconds: 0) },
            camera: RenderingCamera(size: 1024, pixelSize: 1.5, renderer: InlineRenderer()))
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable (SimulatedMicroscope) async throws -> Value) throws -> Value {
        let scope = scope
        return try executor.complete { try await body(scope) }
    }

    private func holes(_ count: Int) throws -> [SimulatedHole] {
        try run {
            try await $0.connect(greeting: "test")
            try await $0.load(slot: 1)
            try await $0.setValves(open: true)
        }
        let specimen = try #require(column.specimen(slot: 1))
        let squares = specimen.squares.filter { $0.targetClass == .good }.prefix(count)
        return squares.compactMap { square in specimen.holes(of: square).first { $0.targetClass == .good } }
    }

    /// The limits of the accuracy table: 20 Å for U and V, 35 Å for the vector of astigmatism.
    @Test func `the defocus that is shown is the one that the microscope had`() throws {
        var (defocus, astigmatism, count) = (0.0, 0.0, 0.0)
        let clock = executor.clock
        for (index, hole) in try holes(8).enumerated() {
            let file = folder.path(of: "\(index).mrc")
            let target = Length.micrometres(-0.8 - 0.25 * Double(index))
            _ = try run { scope in
                try await scope.moveStage(to: hole.position)
                _ = try await scope.findEucentricHeight()
                _ = try await scope.autofocus(target: target)
                // The stage creeps for a while after it has arrived.
                try await clock.sleep(for: .seconds(60))
                return try await scope.record(
                    ExposureRequest(name: "\(index)", file: file, frames: 10, exposureTime: 2.4, dose: 40))
            }
            let truth = -(try #require(column.trueDefocus)).ångströms
            let lens = column.change { $0.lens }
            var work = MovieWork(pixelSize: 1.5, voltage: 300, cs: 2.7)
            work.amplitudeContrast = 0.08
            let fit = try #require(try work.carryOut(on: MRCFile(path: file)).ctf.result, "hole \(index) has no fit")
            for (found, half) in [(fit.defocusU, 0.5), (fit.defocusV, -0.5)] {
                defocus += pow(found - truth - half * lens.astigmatism, 2)
            }
            let doubled = 2 * fit.angle * .pi / 180
            astigmatism += pow(fit.astigmatism * cos(doubled) - lens.astigmatism * cos(2 * lens.astigmatismAngle), 2)
            astigmatism += pow(fit.astigmatism * sin(doubled) - lens.astigmatism * sin(2 * lens.astigmatismAngle), 2)
            count += 2
        }
        #expect(count == 16)
        #expect((defocus / count).squareRoot() < 20)
        #expect((astigmatism / count).squareRoot() < 35)
    }

    @Test func `a hole is centred within 0.2 µm, and its own image tells what is left`() async throws {
        let finder = ImageTargetFinder(disks: DiskLanes())
        for (index, hole) in try holes(8).enumerated() {
            let file = folder.path(of: "view\(index).mrc")
            // A map is off by a little everywhere.
            let mapped = hole.position.moved(by: PlaneShift(x: .micrometres(0.25), y: .micrometres(-0.3)))
            let image = try run { scope in
                try await scope.moveStage(to: mapped)
                _ = try await scope.realign(to: MappedFeature(kind: .hole, position: mapped, size: hole.diameter))
                return try await scope.acquire(.view, into: file)
            }
            let left = PlaneShift(x: hole.position.x - column.truePosition.x, y: hole.position.y - column.truePosition.y)
            #expect(left.length < .micrometres(0.2))
            let seen = try #require(try await finder.holeCentre(on: image, at: file, size: hole.diameter))
            let told = image.stage(at: seen)
            let offset = PlaneShift(x: told.x - image.centre.x, y: told.y - image.centre.y)
            #expect((offset + -left).length < .micrometres(0.1))
        }
    }
}
