import Glibc

extension Image {
    /// Blurred with a Gaussian of this standard deviation in pixels, the border continued outwards.
    ///
    /// Above four pixels three running means stand for the Gaussian: their cost does not grow with its width.
    public func blurred(sigma: Double) -> Image {
        guard sigma > 0.1 else { return self }
        if sigma <= 4 {
            let kernel = Self.gaussian(sigma)
            return convolvedAlongRows(kernel).convolvedAlongColumns(kernel)
        }
        return Self.boxRadii(sigma).reduce(self) { $0.boxBlurred(radius: $1) }
    }

    /// What is wider than `inner` and narrower than `outer` (standard deviations in pixels).
    public func differenceOfGaussians(inner: Double, outer: Double) -> Image {
        let narrow = blurred(sigma: inner)
        let wide = blurred(sigma: outer)
        return narrow.combined(with: wide) { $0 - $1 }
    }

    /// Pixel by pixel with an image of the same size.
    @inline(__always)
    public func combined(with other: Image, _ operation: (Float, Float) -> Float) -> Image {
        precondition(width == other.width && height == other.height, "images of one size are combined")
        let count = pixels.count
        let result = [Float](unsafeUninitializedCapacity: count) { target, filled in
            pixels.withUnsafeBufferPointer { a in
                other.pixels.withUnsafeBufferPointer { b in
                    for i in 0..<count { target[i] = operation(a[i], b[i]) }
                }
            }
            filled = count
        }
        return Image(width: width, height: height, pixels: result)
    }

    /// Mean over a square of `2 * radius + 1` pixels, the border continued outwards.
    public func boxBlurred(radius: Int) -> Image {
        guard radius > 0 else { return self }
        return boxBlurredAlongRows(radius).boxBlurredAlongColumns(radius)
    }

    private static func gaussian(_ sigma: Double) -> [Float] {
        let radius = Int((sigma * 3.5).rounded(.up))
        let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = weights.reduce(0, +)
        return weights.map { Float($0 / sum) }
    }

    /// Three radii whose box variances together come closest to that of the Gaussian.
    private static func boxRadii(_ sigma: Double) -> [Int] {
        let ideal = (4 * sigma * sigma + 1).squareRoot()
        let lower = Int((ideal - 1) / 2)
        let variance = { (radius: Int) in Double((2 * radius + 1) * (2 * radius + 1) - 1) / 12 }
        let share = (sigma * sigma - 3 * variance(lower)) / (variance(lower + 1) - variance(lower))
        let wide = min(3, max(0, Int(share.rounded())))
        return (0..<3).map { $0 < wide ? lower + 1 : lower }
    }

    private func convolvedAlongRows(_ kernel: [Float]) -> Image {
        let radius = kernel.count / 2
        var result = Image(width: width, height: height)
        var padded = [Float](repeating: 0, count: width + 2 * radius)
        for y in 0..<height {
            for i in padded.indices { padded[i] = pixels[y * width + min(max(i - radius, 0), width - 1)] }
            result.pixels.withUnsafeMutableBufferPointer { target in
                for (k, weight) in kernel.enumerated() {
                    for x in 0..<width { target[y * width + x] += padded[x + k] * weight }
                }
            }
        }
        return result
    }

    private func convolvedAlongColumns(_ kernel: [Float]) -> Image {
        let radius = kernel.count / 2
        var result = Image(width: width, height: height)
        pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    for (k, weight) in kernel.enumerated() {
                        let from = min(max(y + k - radius, 0), height - 1) * width
                        for x in 0..<width { target[y * width + x] += source[from + x] * weight }
                    }
                }
            }
        }
        return result
    }

    private func boxBlurredAlongRows(_ radius: Int) -> Image {
        var result = Image(width: width, height: height)
        let scale = 1 / Double(2 * radius + 1)
        pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    let row = y * width
                    var sum = 0.0
                    for i in -radius...radius { sum += Double(source[row + min(max(i, 0), width - 1)]) }
                    for x in 0..<width {
                        target[row + x] = Float(sum * scale)
                        sum += Double(source[row + min(x + radius + 1, width - 1)] - source[row + max(x - radius, 0)])
                    }
                }
            }
        }
        return result
    }

    private func boxBlurredAlongColumns(_ radius: Int) -> Image {
        var result = Image(width: width, height: height)
        let scale = 1 / Double(2 * radius + 1)
        var sums = [Double](repeating: 0, count: width)
        pixels.withUnsafeBufferPointer { source in
            for i in -radius...radius {
                let row = min(max(i, 0), height - 1) * width
                for x in 0..<width { sums[x] += Double(source[row + x]) }
            }
            result.pixels.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    let entering = min(y + radius + 1, height - 1) * width
                    let leaving = max(y - radius, 0) * width
                    for x in 0..<width {
                        target[y * width + x] = Float(sums[x] * scale)
                        sums[x] += Double(source[entering + x] - source[leaving + x])
                    }
                }
            }
        }
        return result
    }
}
