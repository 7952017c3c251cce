import Foundation
import Imaging
import ImagingSamples
import Testing

/// Holes found on squares drawn from many seeds, against what was drawn.
@Suite struct SquareAccuracyTests {
    struct Tally {
        var whole = 0, met = 0, found = 0, wrong = 0
        var squares = 0.0

        mutating func add(_ sample: SquareSample, isTold: Bool) {
            let (settings, foil) = (sample.settings, sample.settings.foil)
            let items = HoleFinder.findHoles(
                in: sample.image, pixelSize: settings.pixelSize, holeDiameter: isTold ? foil.diameter : nil,
                spacing: isTold ? foil.spacing : nil)
            for hole in sample.holes where hole.isWhole {
                whole += 1
                let off = items.map { hypot($0.x - hole.x, $0.y - hole.y) / hole.diameter }.min() ?? 1
                guard off < 0.25 else { continue }
                met += 1
                squares += off * off
            }
            let counted = items.filter { $0.class != .partial }
            found += counted.count
            wrong +=
                counted.filter { item in
                    !sample.holes.contains { hypot(item.x - $0.x, item.y - $0.y) < ($0.isWhole ? 0.25 : 0.6) * $0.diameter }
                }.count
        }

        var recall: Double { Double(met) / Double(max(1, whole)) }
        var precision: Double { 1 - Double(wrong) / Double(max(1, found)) }
        /// Root mean square distance of the middles, in diameters.
        var rms: Double { (squares / Double(max(1, met))).squareRoot() }
    }

    @Test(arguments: SquareSample.Foil.all.map(\.name), [true, false])
    func `nearly all holes of every foil are found and little else`(name: String, isTold: Bool) throws {
        let foil = try #require(SquareSample.Foil.all.first { $0.name == name })
        var tally = Tally()
        for seed in 1...UInt64(2 * Soak.factor) { tally.add(SquareSample(foil, seed: seed, side: 560), isTold: isTold) }
        #expect(tally.recall >= 0.95)
        #expect(tally.precision >= 0.95)
        #expect(tally.rms < 0.06)
    }

    @Test(arguments: SquareSample.Settings.Contrast.allCases, [true, false])
    func `nearly all holes are found in gold, in film thinner than the ice, and by their rims`(
        contrast: SquareSample.Settings.Contrast, isTold: Bool
    ) {
        var tally = Tally()
        for foil in contrast == .gold ? [SquareSample.Foil.r12, .hexagonal, .multi] : [.r12, .hexagonal] {
            for seed in 1...UInt64(2 * Soak.factor) {
                let settings = SquareSample.Settings(foil, seed: seed, side: 560)
                tally.add(SquareSample(settings.with(contrast), seed: seed), isTold: isTold)
            }
        }
        #expect(tally.recall >= 0.95)
        #expect(tally.precision >= 0.95)
        #expect(tally.rms < 0.06)
    }

    @Test func `bars around a foil of gold are not taken for it, nor it for bars`() {
        var tally = Tally()
        for (seed, window) in [(UInt64(1), 0.8), (2, 0.9), (3, 1.6)] {
            var settings = SquareSample.Settings(.r12, seed: seed, side: 560).with(.gold)
            settings.window = window
            tally.add(SquareSample(settings, seed: seed), isTold: false)
        }
        // Its holes of thick ice part from the foil as film does from bars.
        tally.add(SquareSample(SquareSample.Settings(.r12, seed: 4, side: 700).with(.gold), seed: 4), isTold: false)
        #expect(tally.whole > 60)
        #expect(tally.recall >= 0.98)
        #expect(tally.precision >= 0.98)
    }

    @Test func `empty, thick and usual ice are told apart by thickness`() {
        var settings = SquareSample.Settings(.r12, seed: 4, side: 600)
        (settings.empty, settings.dirty, settings.thick, settings.gradient, settings.spots) = (0.1, 0, 0.1, 1, 0)
        let sample = SquareSample(settings, seed: 4)
        let items = HoleFinder.findHoles(
            in: sample.image, pixelSize: settings.pixelSize, holeDiameter: 1.2, spacing: 2.5, vacuum: settings.counts,
            meanFreePath: settings.meanFreePath)
        let misses = sample.holes.filter(\.isWhole).compactMap { hole in
            items.first { hypot($0.x - hole.x, $0.y - hole.y) < 0.25 * hole.diameter }?.thickness.map { abs($0 - hole.thickness) }
        }
        #expect(misses.count > 20)
        #expect(misses.sorted()[misses.count * 9 / 10] < 6)
    }

    @Test func `thickness is counted from the brightest hole where no vacuum is told`() throws {
        let sample = SquareSample(.r22, seed: 2, side: 500)
        let items = HoleFinder.findHoles(in: sample.image, pixelSize: sample.settings.pixelSize, holeDiameter: 2, spacing: 4)
        let thinnest = try #require(items.compactMap(\.thickness).min())
        #expect(thinnest < 1)
    }
}
