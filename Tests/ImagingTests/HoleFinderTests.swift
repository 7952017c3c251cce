import Foundation
import Testing

@testable import Imaging

@Suite struct HoleFinderTests {
    // 100 Å pixels: 14 px are 0.14 µm, 30 px are 0.3 µm.
    @Test(arguments: [(UInt64(1), 7.0), (2, -20), (3, 40)])
    func `with the foil known nearly all holes are found and little else`(seed: UInt64, degrees: Double) {
        let grid = SyntheticGrid.square(degrees: degrees, seed: seed)
        let items = HoleFinder.findHoles(in: grid.image, pixelSize: 100, holeDiameter: 0.14, spacing: 0.3)
        let result = Comparison(items, truth: grid.whole(margin: 12), others: grid.windows, within: 4)
        #expect(result.recall > 0.95)
        #expect(result.precision > 0.95)
    }

    @Test func `the foil need not be known`() {
        let grid = SyntheticGrid.square(seed: 7)
        let items = HoleFinder.findHoles(in: grid.image)
        let result = Comparison(items, truth: grid.whole(margin: 12), others: grid.windows, within: 4)
        #expect(result.recall > 0.95 && result.precision > 0.95)
        #expect(abs(items[0].size - 14) < 2.1)
    }

    @Test func `dark holes are told from good ones`() {
        let grid = SyntheticGrid.square(seed: 8)
        let items = HoleFinder.findHoles(in: grid.image, pixelSize: 100, holeDiameter: 0.14, spacing: 0.3)
        let pairs = Comparison(items, truth: grid.whole(margin: 12).filter { $0.kind != .contaminated }, within: 4).pairs
        let agreeing = pairs.filter { $0.truth.kind == $0.item.class }
        #expect(Double(agreeing.count) > 0.9 * Double(pairs.count))
        #expect(Set(agreeing.map(\.item.class)) == [.good, .dark])
    }

    @Test func `nearly all holes of a real square are found`() throws {
        let text = try String(contentsOfFile: Fixtures.resource("grid_square_holes.csv"), encoding: .utf8)
        let truth = text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            let fields = line.split(separator: ",").map { Double($0) ?? .nan }
            return SyntheticGrid.Window(x: fields[0], y: fields[1], kind: .good)
        }
        let items = HoleFinder.findHoles(in: try MRCFile.image(path: Fixtures.resource("grid_square.mrc")))
        let result = Comparison(items, truth: truth, within: 8)
        #expect(truth.count == 73)
        #expect(result.recall > 0.95)
        #expect(result.precision > 0.95)
    }

    @Test func `film without holes has none`() {
        #expect(HoleFinder.findHoles(in: Fixtures.noise(width: 256, height: 256, mean: 1000, deviation: 50)).isEmpty)
    }
}
