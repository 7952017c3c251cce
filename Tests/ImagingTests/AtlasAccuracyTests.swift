import Foundation
import Imaging
import ImagingSamples
import Testing

/// Squares found on atlases drawn from many seeds, against what was drawn.
@Suite struct AtlasAccuracyTests {
    /// Found against true, summed over atlases.
    struct Tally {
        var whole = 0, met = 0, found = 0, wrong = 0
        var classes: [AtlasSample.Kind: [FoundClass: Int]] = [:]
        var sizes: [Double] = []

        mutating func add(_ sample: AtlasSample) {
            let items = SquareFinder.findSquares(in: sample.image)
            let visible = sample.windows.filter { $0.kind != .covered }
            for window in visible where window.isWhole {
                whole += 1
                // What is seen of a small one lies beside its middle.
                let reach = (window.kind == .small ? 0.5 : 0.25) * window.side
                let distance = { (item: FoundItem) in hypot(item.x - window.x, item.y - window.y) }
                guard let item = items.min(by: { distance($0) < distance($1) }), distance(item) < reach else { continue }
                met += 1
                classes[window.kind, default: [:]][item.class, default: 0] += 1
                if window.kind == .good { sizes.append(item.size / window.side) }
            }
            let counted = items.filter { $0.class != .partial }
            found += counted.count
            wrong +=
                counted.filter { item in
                    !visible.contains { window in
                        let reach = window.isWhole && window.kind != .small ? 0.25 : 0.6
                        return hypot(item.x - window.x, item.y - window.y) < reach * window.side
                    }
                }.count
        }

        var recall: Double { Double(met) / Double(max(1, whole)) }
        var falseShare: Double { Double(wrong) / Double(max(1, found)) }

        func share(of kind: AtlasSample.Kind, as class: FoundClass) -> Double {
            let all = classes[kind] ?? [:]
            return Double(all[`class`] ?? 0) / Double(max(1, all.values.reduce(0, +)))
        }
    }

    @Test func `of many atlases nearly all whole squares are found, little else, and their classes told`() {
        var tally = Tally()
        for seed in 1...UInt64(9 * Soak.factor) { tally.add(AtlasSample(seed: seed, width: 640, height: 640)) }
        #expect(tally.whole > 300)
        #expect(tally.recall >= 0.98)
        #expect(tally.falseShare <= 0.02)
        #expect(tally.share(of: .good, as: .good) > 0.95)
        #expect(tally.share(of: .torn, as: .cracked) > 0.9)
        #expect(tally.share(of: .thick, as: .dark) > 0.9)
        #expect(tally.share(of: .dirty, as: .contaminated) > 0.9)
        #expect(tally.share(of: .small, as: .small) > 0.9)
        let mean = tally.sizes.reduce(0, +) / Double(tally.sizes.count)
        #expect(abs(mean - 1) < 0.02)
    }

    @Test(arguments: [(UInt64(15), 3), (42, 2), (129, 10), (4, 4)])
    func `an atlas of few large squares shows them, whatever else is bright`(seed: UInt64, least: Int) {
        let sample = AtlasSample(seed: seed)
        var tally = Tally()
        tally.add(sample)
        #expect(tally.whole >= least)
        #expect(tally.met == tally.whole)
    }

    @Test func `four whole squares are enough, and voids larger than they are no squares`() {
        var tally = Tally()
        for seed in UInt64(1)...4 {
            var settings = AtlasSample.Settings(width: 480, height: 480)
            (settings.windowSide, settings.barShare, settings.degrees, settings.voids) = (120, 0.35, 8, Int(seed % 2))
            tally.add(AtlasSample(settings, seed: seed))
        }
        #expect(tally.whole >= 8)
        #expect(tally.recall >= 0.98)
    }

    @Test func `light that falls to a quarter across the grid makes no square dark or torn`() {
        var settings = AtlasSample.Settings(width: 500, height: 500)
        (settings.gradient, settings.vignetting, settings.windowSide) = (4, 0.6, 36)
        var tally = Tally()
        for seed in 1...UInt64(2) { tally.add(AtlasSample(settings, seed: seed)) }
        #expect(tally.recall >= 0.98 && tally.falseShare <= 0.02)
        #expect(tally.share(of: .good, as: .good) > 0.95)
    }

    @Test func `bars alone, noise alone and one bright field hold no squares`() {
        var settings = AtlasSample.Settings(width: 400, height: 400)
        (settings.covered, settings.thick, settings.torn, settings.dirty, settings.small) = (1, 0, 0, 0, 0)
        #expect(SquareFinder.findSquares(in: AtlasSample(settings, seed: 1).image).isEmpty)
        #expect(SquareFinder.findSquares(in: Fixtures.noise(width: 300, height: 300, mean: 0, deviation: 1)).isEmpty)
        #expect(SquareFinder.findSquares(in: Fixtures.noise(width: 300, height: 300, mean: 800, deviation: 30)).isEmpty)
    }
}

/// How many times as many seeds a sweep takes: the environment's `GRIDPILOT_SOAK`.
enum Soak {
    static let factor = ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"].flatMap(Int.init).map { max(1, min($0, 20)) } ?? 1
}
