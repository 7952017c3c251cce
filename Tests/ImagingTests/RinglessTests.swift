import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct RinglessTests {
    private static let seeds = ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"].flatMap(Int.init).map { 50 * $0 } ?? 3

    @Test(arguments: RinglessSample.Kind.allCases)
    func `where no lens shows there is no fit, but a reason`(kind: RinglessSample.Kind) {
        for seed in 0..<Self.seeds {
            let pixelSize = [0.8, 1.1, 1.4, 1.7, 2.1][seed % 5]
            let image = RinglessSample(kind, size: 768, pixelSize: pixelSize, seed: UInt64(seed)).render()
            let settings = CTFSettings(pixelSize: pixelSize, voltage: [300.0, 200, 120][seed % 3])
            guard case .noFit(let reason) = CTFEstimate.measure(image, settings: settings) else {
                Issue.record("\(kind), seed \(seed), was fitted")
                continue
            }
            #expect(reason.hasSuffix("."))
        }
    }

    /// Rough borders of gold are the hardest: among a few dozen there are some whose streaks happen to keep step with a lens.
    @Test func `the border of a bar of gold is not taken for a lens, whatever its shape`() {
        for (seed, pixelSize) in [(7016, 1.1), (7019, 2.1), (7043, 1.7), (7049, 2.1), (7058, 1.7), (3025, 0.8), (3052, 1.4)] {
            let image = RinglessSample(.goldEdge, size: 768, pixelSize: pixelSize, seed: UInt64(seed)).render()
            let settings = CTFSettings(pixelSize: pixelSize, voltage: [300.0, 200, 120][seed % 3])
            #expect(CTFEstimate.measure(image, settings: settings).result == nil, "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3], [0.7, -1.0])
    func `rings beside a bar of gold, or about zero, are a lens's all the same`(seed: UInt64, bar: Double) throws {
        let optics = StillOptics(pixelSize: 1.4, largest: 12_200, least: 11_900, degrees: 20)
        var image = StillSample(optics: optics, width: 1024, signal: 2, seed: seed).render()
        let light = Float(ImageStatistics(of: image.pixels).mean)
        for y in 0..<1024 {
            for x in 0..<1024 {
                image[x, y] = bar > 0 && Double(x) > 1024 * bar ? 0.05 * image[x, y] : image[x, y] - (bar < 0 ? light + 3 : 0)
            }
        }
        let settings = CTFSettings(optics)
        let truth = CTFModel(defocusU: 12_200, defocusV: 11_900, angle: 20 * .pi / 180)
        #expect(RingPlaces.evidence(in: image, for: truth, settings: settings) > 2 * RingPlaces.least)
        let result = try #require(CTFEstimate.measure(image, settings: settings).result)
        #expect(abs(result.meanDefocus - 12_050) < 80)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `rings of a lens that noise does not have are nowhere in it`(seed: UInt64) {
        let noise = RinglessSample(.emptyBeam, size: 1024, pixelSize: 1.4, seed: seed).render()
        let model = CTFModel(defocusU: 12_200, defocusV: 11_900)
        #expect(RingPlaces.evidence(in: noise, for: model, settings: CTFSettings(pixelSize: 1.4)) < 0)
    }

    @Test(arguments: [Float(0), 41.5, .nan, .infinity])
    func `images of one value, and of none, have no fit`(value: Float) {
        let image = Image(width: 700, height: 600, filledWith: value)
        let outcome = CTFEstimate.measure(image, settings: CTFSettings(pixelSize: 1.2))
        #expect(outcome == .noFit(reason: "No Thon rings stand out of the noise."))
    }

    @Test(arguments: [1.0, 1.63, 2.5, 4])
    func `a real square of a grid has no fit, whatever its pixels are taken for`(pixelSize: Double) throws {
        let image = try MRCFile.image(path: Fixtures.resource("grid_square.mrc"))
        #expect(CTFEstimate.measure(image, settings: CTFSettings(pixelSize: pixelSize)).result == nil)
    }

    @Test func `edges are told from rings by what the other directions show`() throws {
        let flat = Image(width: 256, height: 256, filledWith: 1)
        let noise = Fixtures.noise(width: 256, height: 256, deviation: 0.05)
        var streak = Image(width: 256, height: 256)
        let model = CTFModel(defocusU: 15_000, defocusV: 15_000)
        for y in 0..<256 {
            for x in 0..<256 {
                let (dx, dy) = (Double(x - 128), Double(y - 128))
                let ring = abs(dy) < 0.2 * abs(dx) ? Float(abs(model.value(gx: dx / 512, gy: dy / 512)) - 0.6) : 0
                streak[x, y] = noise[x, y] + 0.3 * ring
            }
        }
        let spectrum = FlattenedSpectrum(residual: streak, background: flat, step: 1.0 / 512)
        let evidence = RingEvidence(EquiphaseBins(spectrum, model: model), range: 17..<122, oversampling: 1)
        #expect(evidence.significance > 9)
        #expect(evidence.doubt?.contains("streaks") == true)
    }
}
