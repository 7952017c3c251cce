/// The mean amplitude spectrum of an image's tiles, the whole plane with frequency zero at (`size`/2, `size`/2).
public struct PowerSpectrum: Sendable {
    /// Amplitudes, rows from negative to positive ky.
    public let amplitudes: Image
    /// Å of the pixel whose spectrum this is: the image's own, or larger where high frequencies were left out.
    public let pixelSize: Double

    /// How many of its pixels, along an axis, tell the same: more than 1 where tiles were padded.
    let oversampling: Double

    public var size: Int { amplitudes.width }
    /// 1/Å from one pixel of the spectrum to the next.
    public var step: Double { 1 / (Double(size) * pixelSize) }

    /// Where pixels are finer than this the rest of the spectrum is left out, so that its rings get wide enough to fit.
    private static let finestPixel = 1.4

    /// Averages tiles that overlap by a third; tiles whose mean or variance stands out (ice, hole edges) do not count.
    ///
    /// `pixelSize` in Å. Images smaller than a tile make one tile, padded.
    public init(of image: Image, pixelSize: Double, size: Int = 512) {
        let whole = Self.transformSize(pixelSize: pixelSize, size: size)
        let tiles = SpectrumTiles(image: image, tile: min(whole, image.width, image.height), transform: whole)
        amplitudes = tiles.meanAmplitudes(croppedTo: size)
        oversampling = Double(whole) / Double(tiles.tile)
        self.pixelSize = pixelSize * Double(whole) / Double(size)
    }

    /// Even, because half of it is the middle, and of small factors, which transform fast.
    private static func transformSize(pixelSize: Double, size: Int) -> Int {
        guard pixelSize < finestPixel else { return size }
        let ideal = min(4096, Double(size) * finestPixel / pixelSize)
        let even = stride(from: size, through: 4096, by: 2).filter(hasSmallFactors)
        return even.min { abs(Double($0) - ideal) < abs(Double($1) - ideal) } ?? size
    }

    private static func hasSmallFactors(_ number: Int) -> Bool {
        var rest = number
        for factor in [2, 3, 5, 7] {
            while rest % factor == 0 { rest /= factor }
        }
        return rest == 1
    }
}

/// Where most of some values lie: median and median distance from it.
struct Spread {
    let median: Double
    let distance: Double

    init(of values: [Double]) {
        let middle = Self.median(values)
        median = middle
        distance = Self.median(values.map { abs($0 - middle) })
    }

    /// Within four and a half median distances: three standard deviations of a normal spread.
    func holds(_ value: Double) -> Bool { abs(value - median) <= 4.5 * max(distance, 1e-12 * abs(median)) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted.count % 2 == 1 ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
}
