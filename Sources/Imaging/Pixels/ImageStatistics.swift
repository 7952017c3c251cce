/// Least, greatest, mean and standard deviation of pixels, gathered in pieces.
///
/// Pieces join by Chan's rule, so that a stack can be summed up frame by frame without losing digits.
public struct ImageStatistics: Sendable, Equatable {
    public private(set) var count = 0
    public private(set) var minimum = Float.infinity
    public private(set) var maximum = -Float.infinity
    public private(set) var mean = 0.0
    private var squares = 0.0

    public var standardDeviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    public init() {}

    public init(of pixels: [Float]) {
        add(pixels)
    }

    public mutating func add(_ pixels: [Float]) {
        pixels.withUnsafeBufferPointer { buffer in
            var start = 0
            while start < buffer.count {
                let end = min(start + 4096, buffer.count)
                join(UnsafeBufferPointer(rebasing: buffer[start..<end]))
                start = end
            }
        }
    }

    /// Blocks are short enough for single precision; Swift adds floats in the written order, so eight sums run side by side.
    private mutating func join(_ block: UnsafeBufferPointer<Float>) {
        let lanes = block.count / 8
        var sum = SIMD8<Float>.zero
        var low = SIMD8<Float>(repeating: .infinity)
        var high = -low
        let base = UnsafeRawPointer(block.baseAddress!)
        for i in 0..<lanes {
            let v = base.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self)
            sum += v
            low = pointwiseMin(low, v)
            high = pointwiseMax(high, v)
        }
        var total = Double(sum.sum())
        minimum = min(minimum, low.min())
        maximum = max(maximum, high.max())
        for i in lanes * 8..<block.count {
            total += Double(block[i])
            minimum = min(minimum, block[i])
            maximum = max(maximum, block[i])
        }
        joinMoments(block, blockMean: total / Double(block.count), lanes: lanes)
    }

    private mutating func joinMoments(_ block: UnsafeBufferPointer<Float>, blockMean: Double, lanes: Int) {
        let base = UnsafeRawPointer(block.baseAddress!)
        let centre = Float(blockMean)
        var sum = SIMD8<Float>.zero
        for i in 0..<lanes {
            let d = base.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self) - centre
            sum += d * d
        }
        var blockSquares = Double(sum.sum())
        for i in lanes * 8..<block.count {
            let d = Double(block[i]) - blockMean
            blockSquares += d * d
        }
        let both = Double(count + block.count)
        let step = blockMean - mean
        squares += blockSquares + step * step * Double(count) * Double(block.count) / both
        mean += step * Double(block.count) / both
        count += block.count
    }
}

extension Image {
    public var statistics: ImageStatistics { ImageStatistics(of: pixels) }

    /// The values below which these fractions (0…1) of the pixels lie, from at most 65,536 pixels spread over the image.
    public func percentiles(_ fractions: [Double]) -> [Float] {
        let step = max(1, pixels.count / 65_536)
        // An odd step walks through all columns also where the width is a power of two.
        let odd = step % 2 == 0 ? step + 1 : step
        var sample = stride(from: 0, to: pixels.count, by: odd).map { pixels[$0] }.filter(\.isFinite)
        guard !sample.isEmpty else { return fractions.map { _ in 0 } }
        return fractions.map { fraction in
            Ranking.value(of: &sample, at: min(sample.count - 1, max(0, Int((fraction * Double(sample.count - 1)).rounded()))))
        }
    }

    public var median: Float { percentiles([0.5])[0] }

    /// Mean 0 and standard deviation 1; an even image becomes zeros.
    public func normalised() -> Image {
        let statistics = self.statistics
        let deviation = Float(statistics.standardDeviation)
        let scale = deviation > 0 ? 1 / deviation : 0
        let mean = Float(statistics.mean)
        return mapped { ($0 - mean) * scale }
    }

    /// Each pixel through `transform`.
    @inline(__always)
    public func mapped(_ transform: (Float) -> Float) -> Image {
        let count = pixels.count
        let result = [Float](unsafeUninitializedCapacity: count) { target, filled in
            pixels.withUnsafeBufferPointer { source in
                for i in 0..<count { target[i] = transform(source[i]) }
            }
            filled = count
        }
        return Image(width: width, height: height, pixels: result)
    }
}
