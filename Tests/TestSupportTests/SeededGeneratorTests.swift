import TestSupport
import Testing

@Suite struct SeededGeneratorTests {
    @Test func `it gives the numbers of SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<3).map { _ in generator.next() }
        #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func `an index stays below its bound and reaches every place`() {
        var generator = SeededGenerator(seed: 5)
        let drawn = Set((0..<1000).map { _ in generator.index(below: 7) })
        #expect(drawn == Set(0..<7))
    }

    @Test func `a fork is not moved by further draws`() {
        var first = SeededGenerator(seed: 9)
        var second = SeededGenerator(seed: 9)
        var (forkOfFirst, forkOfSecond) = (first.fork(), second.fork())
        _ = first.next()
        #expect(forkOfFirst.next() == forkOfSecond.next())
    }

    @Test func `once in four is about a quarter`() {
        var generator = SeededGenerator(seed: 11)
        let hits = (0..<4000).filter { _ in generator.isOnce(in: 4) }.count
        #expect((900...1100).contains(hits))
    }
}
