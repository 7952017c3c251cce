import ImagingSamples
import Testing

@testable import Imaging

@Suite struct RankingTests {
    @Test(arguments: UInt64(1)...6)
    func `every rank holds what it would in sorted values, many of them equal`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int(random.uniform(1...400))
        let steps = random.uniform(1...60)
        let values = (0..<count).map { _ in Float((random.uniform() * steps).rounded()) }
        let sorted = values.sorted()
        for rank in stride(from: 0, to: count, by: 7) {
            var copy = values
            #expect(Ranking.value(of: &copy, at: rank) == sorted[rank])
            #expect(copy.sorted() == sorted)
        }
    }

    @Test func `values already in order, reversed or all alike are no worse`() {
        for values in [
            (0..<50_000).map(Float.init), (0..<50_000).reversed().map(Float.init), [Float](repeating: 3, count: 50_000),
        ] {
            var copy = values
            #expect(Ranking.value(of: &copy, at: 40_000) == values.sorted()[40_000])
        }
    }
}
