import Glibc

/// How far the content of one strip lies from that of another: what two tiles of a montage share.
enum StripCorrelation {
    /// Below this an agreement may be chance.
    private static let leastPeak = 0.25
    /// Longest side of the strips as they are worked on.
    private static let workSide = 512

    /// nil where the strips do not show the same, or nothing. Shading and the camera's noise are filtered away.
    static func offset(of strip: Image, against reference: Image, farthest: Double) -> Correlation.Offset? {
        let small = strip.resized(toFit: workSide)
        let scale = Double(max(strip.width, strip.height)) / Double(max(small.width, small.height))
        let moving = prepared(small)
        let fixed = prepared(reference.resized(width: small.width, height: small.height))
        let energy = (sumOfSquares(moving) * sumOfSquares(fixed)).squareRoot()
        guard energy > 0 else { return nil }
        let map = cross(moving, fixed, reach: farthest / scale)
        let reachX = min(farthest / scale, 0.7 * Double(small.width))
        let reachY = min(farthest / scale, 0.7 * Double(small.height))
        let peak = CorrelationPeak(in: map, reachX: reachX, reachY: reachY)
        let height = Double(peak.height) / energy
        guard height > leastPeak else { return nil }
        return Correlation.Offset(shift: PixelShift(x: peak.shift.x * scale, y: peak.shift.y * scale), peak: min(1, height))
    }

    private static func prepared(_ image: Image) -> Image {
        let side = Double(min(image.width, image.height))
        let even = image.differenceOfGaussians(inner: 1, outer: max(4, side / 5))
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

    /// 1 in the middle, falling to 0 over the outer tenth.
    private static func fade(_ length: Int) -> [Float] {
        let edge = max(1, Double(length) / 10)
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
