import Testing

@testable import Imaging

@Suite struct SquareFinderTests {
    @Test(arguments: [(UInt64(1), 5.0), (2, -12), (3, 31)])
    func `nearly all squares of an atlas are found and little else`(seed: UInt64, degrees: Double) {
        let grid = SyntheticGrid.atlas(degrees: degrees, seed: seed)
        let items = SquareFinder.findSquares(in: grid.image)
        let result = Comparison(items, truth: grid.whole(margin: 22), others: grid.windows, within: 4)
        #expect(result.recall > 0.97)
        #expect(result.precision > 0.97)
    }

    @Test func `torn and dark squares are told from good ones`() {
        let grid = SyntheticGrid.atlas(seed: 5)
        let whole = grid.whole(margin: 22).filter { $0.kind != .contaminated }
        let pairs = Comparison(SquareFinder.findSquares(in: grid.image), truth: whole, within: 4).pairs
        let agreeing = pairs.filter { $0.truth.kind == $0.item.class }
        #expect(Double(agreeing.count) > 0.95 * Double(pairs.count))
        #expect(Set(agreeing.map(\.item.class)) == [.good, .cracked, .dark])
    }

    @Test func `a good square's size is its side`() {
        let items = SquareFinder.findSquares(in: SyntheticGrid.atlas(seed: 6).image).filter { $0.class == .good }
        let mean = items.reduce(0) { $0 + $1.size } / Double(items.count)
        #expect(abs(mean - 27) < 2)
    }

    @Test func `an even image holds no squares`() {
        #expect(SquareFinder.findSquares(in: Image(width: 100, height: 100, filledWith: 5)).isEmpty)
    }
}
