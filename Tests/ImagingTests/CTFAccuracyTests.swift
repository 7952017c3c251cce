import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct CTFAccuracyTests {
    private static let soak = ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"].flatMap(Int.init)

    @Test func `defocus and astigmatism of low-dose stills are right`() {
        var errors = CTFErrors()
        let images = Self.soak.map { 40 * $0 } ?? 10
        for seed in 0..<images {
            var sample = StillSample.various(seed: UInt64(5_000 + seed), largest: Self.soak == nil ? 2048 : 4096)
            // A quarter of the area shows its rings as well as the whole when they are twice and a half as strong.
            if Self.soak == nil { sample.signal *= 2.5 }
            errors.add(CTFEstimate.measure(sample.render(), settings: CTFSettings(sample.optics)), sample.optics)
        }
        #expect(errors.missed == 0)
        #expect(errors.largest < 20 && errors.least < 20, "\(errors)")
        #expect(errors.astigmatism < 35, "\(errors)")
        #expect(abs(errors.bias) < 10, "\(errors)")
        #expect(errors.worst < 100, "\(errors)")
    }

    @Test(arguments: [UInt64(1), 2])
    func `faint rings are found too`(seed: UInt64) throws {
        let optics = StillOptics(pixelSize: 1.3, largest: 14_200, least: 13_900, degrees: 30)
        let image = StillSample(optics: optics, width: 1536, signal: 0.7, seed: seed).render()
        let result = try #require(CTFEstimate.measure(image, settings: CTFSettings(optics)).result)
        #expect(abs(result.meanDefocus - 14_050) < 100)
    }

    @Test(arguments: [(2_200.0, -20.0), (2_800, 65)])
    func `astigmatism that washes the radial average out is found`(astigmatism: Double, degrees: Double) throws {
        let optics = StillOptics(
            pixelSize: 1.4, largest: 18_000 + astigmatism / 2, least: 18_000 - astigmatism / 2, degrees: degrees)
        let outcome = CTFEstimate.measure(
            StillSample(optics: optics, width: 1024, signal: 6, seed: 9).render(), settings: CTFSettings(optics))
        let result = try #require(outcome.result)
        #expect(abs(result.meanDefocus - 18_000) < 60 && abs(result.astigmatism - astigmatism) < 120)
        #expect(abs(result.angle - degrees) < 3)
    }

    @Test(arguments: [0.9, 1.57, 2.2])
    func `a phase plate that is told is allowed for`(phaseShift: Double) throws {
        var optics = StillOptics(pixelSize: 1.3, largest: 9_300, least: 9_000, degrees: 10)
        optics.phaseShift = phaseShift
        let image = StillSample(optics: optics, width: 1024, signal: 6, seed: 4).render()
        let result = try #require(CTFEstimate.measure(image, settings: CTFSettings(optics)).result)
        #expect(abs(result.meanDefocus - 9_150) < 60)
    }

    @Test func `an image that is nowhere a number in part is fitted by its other tiles`() throws {
        let optics = StillOptics(pixelSize: 1.4, largest: 15_000, least: 14_800)
        var image = StillSample(optics: optics, width: 1536, signal: 6, seed: 3).render()
        for y in 0..<100 {
            for x in 0..<100 { image[x, y] = .nan }
        }
        let result = try #require(CTFEstimate.measure(image, settings: CTFSettings(optics)).result)
        #expect(abs(result.meanDefocus - 14_900) < 60)
    }
}

extension CTFSettings {
    /// Told what the generator drew with, but for defocus.
    init(_ optics: StillOptics) {
        self.init(
            pixelSize: optics.pixelSize, voltage: optics.kilovolts, cs: optics.cs, amplitudeContrast: optics.amplitudeContrast)
        phaseShift = optics.phaseShift
    }
}

/// Errors of many fits, Å: root mean squares, and the mean error of the mean defocus.
struct CTFErrors: CustomStringConvertible {
    private var squares = (largest: 0.0, least: 0.0, astigmatism: 0.0)
    private var sum = 0.0
    private var count = 0.0
    private(set) var missed = 0
    private(set) var worst = 0.0

    var largest: Double { (squares.largest / max(count, 1)).squareRoot() }
    var least: Double { (squares.least / max(count, 1)).squareRoot() }
    var astigmatism: Double { (squares.astigmatism / max(count, 1)).squareRoot() }
    var bias: Double { sum / max(count, 1) }

    mutating func add(_ outcome: CTFOutcome, _ truth: StillOptics) {
        guard let result = outcome.result else {
            missed += 1
            return
        }
        let (u, v) = (result.defocusU - truth.largest, result.defocusV - truth.least)
        let doubled = result.angle * .pi / 90
        let (x, y) = (
            result.astigmatism * cos(doubled) - truth.astigmatism.x, result.astigmatism * sin(doubled) - truth.astigmatism.y
        )
        squares = (squares.largest + u * u, squares.least + v * v, squares.astigmatism + x * x + y * y)
        sum += (u + v) / 2
        count += 1
        worst = max(worst, abs(u), abs(v))
    }

    var description: String {
        String(
            format: "U %.1f, V %.1f, astigmatism %.1f, bias %.1f, worst %.0f Å, %.0f fits, %d missed", largest, least,
            astigmatism,
            bias, worst, count, missed)
    }
}
