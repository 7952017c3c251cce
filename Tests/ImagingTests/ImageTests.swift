import Testing

@testable import Imaging

@Suite struct ImageTests {
    @Test func `between pixels lies the mean of its neighbours`() {
        let image = Image(width: 2, height: 2, pixels: [0, 2, 4, 6])
        #expect(image.value(atX: 0.5, y: 0.5) == 3)
        #expect(image.value(atX: 5, y: 5) == 6)
    }
}

@Suite struct ImageStatisticsTests {
    @Test func `mean and deviation survive a large offset`() {
        let pixels = (0..<100_003).map { Float(16_000 + $0 % 2) }
        let statistics = ImageStatistics(of: pixels)
        #expect(abs(statistics.mean - 16_000.5) < 1e-3)
        #expect(abs(statistics.standardDeviation - 0.5) < 1e-3)
        #expect(statistics.minimum == 16_000 && statistics.maximum == 16_001)
    }

    @Test func `pieces add up to the whole`() {
        let image = Fixtures.noise(width: 101, height: 67, mean: 5, deviation: 3)
        var pieces = ImageStatistics()
        pieces.add(Array(image.pixels[..<1000]))
        pieces.add(Array(image.pixels[1000...]))
        #expect(abs(pieces.mean - image.statistics.mean) < 1e-6)
        #expect(abs(pieces.standardDeviation - image.statistics.standardDeviation) < 1e-6)
    }

    @Test func `an even image is normalised to zeros`() {
        #expect(Image(width: 3, height: 3, filledWith: 7).normalised().pixels == [Float](repeating: 0, count: 9))
    }

    @Test func `percentiles come from sorted pixels`() {
        let image = Image(width: 101, height: 1, pixels: (0...100).reversed().map(Float.init))
        #expect(image.percentiles([0, 0.25, 1]) == [0, 25, 100])
    }
}

@Suite struct ImageResamplingTests {
    @Test func `binning takes means and leaves out the incomplete edge`() {
        let image = Image(width: 5, height: 2, pixels: [1, 3, 5, 7, 100, 1, 3, 5, 7, 100])
        #expect(image.binned(by: 2).pixels == [2, 6])
    }

    @Test func `an uneven ratio keeps the mean`() {
        let image = Fixtures.noise(width: 100, height: 70, mean: 20)
        let small = image.resized(toFit: 33)
        #expect(small.width == 33 && small.height == 23)
        #expect(abs(small.statistics.mean - image.statistics.mean) < 1e-3)
    }

    @Test func `a crop beyond the border repeats the border`() {
        let image = Image(width: 2, height: 1, pixels: [4, 9])
        #expect(image.cropped(x: -1, y: 0, width: 4, height: 2).pixels == [4, 4, 9, 9, 4, 4, 9, 9])
    }
}

@Suite struct ImageFiltersTests {
    @Test(arguments: [1.5, 3.0, 9.0, 25.0])
    func `a blurred point has the asked width and keeps its sum`(sigma: Double) {
        var image = Image(width: 301, height: 301)
        image[150, 150] = 1000
        let blurred = image.blurred(sigma: sigma)
        var (sum, spread) = (0.0, 0.0)
        for y in 0..<301 {
            for x in 0..<301 {
                sum += Double(blurred[x, y])
                spread += Double(blurred[x, y]) * Double((x - 150) * (x - 150))
            }
        }
        #expect(abs(sum - 1000) < 1)
        #expect(abs((spread / sum).squareRoot() - sigma) < 0.04 * sigma)
    }

    @Test func `an even image has no difference of Gaussians`() {
        let result = Image(width: 40, height: 30, filledWith: 12).differenceOfGaussians(inner: 1, outer: 10)
        #expect(result.pixels.allSatisfy { abs($0) < 1e-4 })
    }
}
