import Glibc

/// How far the content of one strip lies from that of another: what two tiles of a montage share.
enum StripCorrelation {
    /// Below this an agreement may be chance; small strips agree by chance more often.
    private static func leastPeak(_ image: Image) -> Double {
        // The fade leaves half of the pixels, and the filter makes a dozen of them one.
        max(0.25, 6 / (Double(image.pixels.count) / 24).squareRoot())
    }
    /// Longest side of the strips as they are worked on.
    private static let workSide = 512

    /// nil where the strips do not show the same, or nothing. Shading and the camera's noise are filtered away.
    static func offset(of strip: Image, against reference: Image, farthest: Double) -> Correlation.Offset? {
        let small = strip.resized(toFit: workSide)
        let scaleX = Double(strip.width) / Double(small.width)
        let scaleY = Double(strip.height) / Double(small.height)
        let moving = prepared(small)
        let fixed = prepared(reference.resized(width: small.width, height: small.height))
        let energy = (sumOfSquares(moving) * sumOfSquares(fixed)).squareRoot()
        guard energy > 0 else { return nil }
        let map = evened(cross(moving, fixed, reach: farthest / min(scaleX, scaleY)), width: small.width, height: small.height)
        let reachX = min(farthest / scaleX, 0.7 * Double(small.width))
        let reachY = min(farthest / scaleY, 0.7 * Double(small.height))
        let peak = CorrelationPeak(in: map, reachX: reachX, reachY: reachY)
        let height = Double(peak.height) / energy
        guard height > leastPeak(small) else { return nil }
        return Correlation.Offset(shift: PixelShift(x: peak.shift.x * scaleX, y: peak.shift.y * scaleY), peak: min(1, height))
    }

    /// Two faded strips that are shifted share less: without this every peak would be drawn towards no shift.
    private static func evened(_ map: Image, width: Int, height: Int) -> Image {
        let (columns, rows) = (shared(fade(width), in: map.width), shared(fade(height), in: map.height))
        var result = map
        for y in 0..<map.height {
            for x in 0..<map.width { result.pixels[y * map.width + x] *= columns[x] * rows[y] }
        }
        return result
    }

    /// What a strip's fade shares with itself, over what it shares at every shift within a frame; at most threefold.
    private static func shared(_ fade: [Float], in length: Int) -> [Float] {
        let own = fade.reduce(0) { $0 + $1 * $1 }
        return (0..<length).map { place in
            let shift = min(place, length - place)
            guard shift < fade.count else { return 3 }
            var sum: Float = 0
            for i in 0..<fade.count - shift { sum += fade[i] * fade[i + shift] }
            return min(3, own / max(sum, 1e-6))
        }
    }

    private static func prepared(_ image: Image) -> Image {
        let side = Double(min(image.width, image.height))
        let even = image.differenceOfGaussians(inner: 1, outer: max(3, side / 8))
        let ends = even.percentiles([0.01, 0.99])
        let (columns, rows) = (fade(image.width), fade(image.height))
        var result = even
        for y in 0..<image.height {
            for x in 0..<image.width {
                let i = y * image.width + x
                result.pixels[i] = min(max(even.pixels[i], ends[0]), ends[1]) * columns[x] * rows[y]
            }
        }
        return result
    }

    /// 1 in the middle, falling to 0 over the outer fifth: there the filter saw only what lies on one side.
    private static func fade(_ length: Int) -> [Float] {
        let edge = max(1, Double(length) / 5)
        return (0..<length).map { Float(0.5 - 0.5 * cos(.pi * min(1, (Double(min($0, length - 1 - $0)) + 0.5) / edge))) }
    }

    private static func sumOfSquares(_ image: Image) -> Double {
        let statistics = image.statistics
        let mean = statistics.mean
        return Double(statistics.count) * (statistics.standardDeviation * statistics.standardDeviation + mean * mean)
    }

    /// In a frame so much larger that no shift that is looked for wraps around.
    private static func cross(_ a: Image, _ b: Image, reach: Double) -> Image {
        let width = FourierLength.after(a.width + Int(min(reach, Double(a.width))) + 2)
        let height = FourierLength.after(a.height + Int(min(reach, Double(a.height))) + 2)
        var product = FourierTransform.forward(a.framed(width: width, height: height))
        product.multiply(byConjugateOf: FourierTransform.forward(b.framed(width: width, height: height)))
        return FourierTransform.inverse(product)
    }
}

/// Lengths that are transformed quickly: products of 2, 3 and 5, and even.
enum FourierLength {
    static func after(_ least: Int) -> Int {
        var length = max(2, least + least % 2)
        while !isQuick(length) { length += 2 }
        return length
    }

    private static func isQuick(_ length: Int) -> Bool {
        var rest = length
        for factor in [2, 3, 5] { while rest % factor == 0 { rest /= factor } }
        return rest == 1
    }
}

extension Image {
    /// In the lower left corner of a larger frame of zeros.
    func framed(width: Int, height: Int) -> Image {
        var large = Image(width: width, height: height)
        large.pixels.withUnsafeMutableBufferPointer { to in
            pixels.withUnsafeBufferPointer { from in
                for y in 0..<self.height {
                    (to.baseAddress! + y * width).update(from: from.baseAddress! + y * self.width, count: self.width)
                }
            }
        }
        return large
    }
}

extension Spectrum {
    /// Makes it the spectrum of the correlation with `other`.
    mutating func multiply(byConjugateOf other: Spectrum) {
        values.withUnsafeMutableBufferPointer { mine in
            other.values.withUnsafeBufferPointer { its in
                for i in stride(from: 0, to: mine.count, by: 2) {
                    let (a, b, c, d) = (mine[i], mine[i + 1], its[i], its[i + 1])
                    mine[i] = a * c + b * d
                    mine[i + 1] = b * c - a * d
                }
            }
        }
    }
}
