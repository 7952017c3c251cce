extension Image {
    /// The part that begins at (`x`, `y`); what lies outside the image is the nearest border pixel.
    public func cropped(x: Int, y: Int, width: Int, height: Int) -> Image {
        var result = Image(width: width, height: height)
        let isInside = x >= 0 && y >= 0 && x + width <= self.width && y + height <= self.height
        for row in 0..<height where isInside {
            let source = (y + row) * self.width + x
            result.pixels.replaceSubrange(row * width..<(row + 1) * width, with: pixels[source..<source + width])
        }
        for row in 0..<height where !isInside {
            let source = min(max(y + row, 0), self.height - 1) * self.width
            for column in 0..<width {
                result.pixels[row * width + column] = pixels[source + min(max(x + column, 0), self.width - 1)]
            }
        }
        return result
    }

    /// Means of `factor` x `factor` pixels; an incomplete last row or column is left out.
    public func binned(by factor: Int) -> Image {
        guard factor > 1, width >= factor, height >= factor else { return self }
        let w = width / factor
        let h = height / factor
        var result = Image(width: w, height: h)
        let scale = 1 / Float(factor * factor)
        pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for y in 0..<h * factor {
                    let from = y * width
                    let to = (y / factor) * w
                    for x in 0..<w {
                        var sum: Float = 0
                        for k in 0..<factor { sum += source[from + x * factor + k] }
                        target[to + x] += sum * scale
                    }
                }
            }
        }
        return result
    }

    /// Smaller by averaging areas, whatever the ratio; never enlarges.
    public func resized(width newWidth: Int, height newHeight: Int) -> Image {
        let w = min(max(newWidth, 1), width)
        let h = min(max(newHeight, 1), height)
        if w == width && h == height { return self }
        return AreaAverage(from: height, to: h).columns(of: AreaAverage(from: width, to: w).rows(of: self))
    }

    /// Smaller so that neither side is over `side`, keeping the shape.
    public func resized(toFit side: Int) -> Image {
        let longest = max(width, height)
        guard longest > side else { return self }
        let scale = Double(side) / Double(longest)
        return resized(
            width: max(1, Int((Double(width) * scale).rounded())), height: max(1, Int((Double(height) * scale).rounded())))
    }

    /// Smaller by leaving out high frequencies: no detail below the new pixel's limit is lost or folded back.
    public func fourierCropped(width newWidth: Int, height newHeight: Int) -> Image {
        let w = min(newWidth, width)
        let h = min(newHeight, height)
        var spectrum = FourierTransform.forward(self, croppedToWidth: w, height: h)
        let scale = Float(w * h) / Float(width * height)
        for i in spectrum.values.indices { spectrum.values[i] *= scale }
        return FourierTransform.inverse(spectrum)
    }
}

/// One axis of an area average: which source pixels a target pixel covers, and by how much.
private struct AreaAverage {
    private let spans: [(first: Int, weights: [Float])]

    init(from source: Int, to target: Int) {
        let ratio = Double(source) / Double(target)
        spans = (0..<target).map { i in
            let start = Double(i) * ratio
            let end = min(start + ratio, Double(source))
            let first = Int(start)
            let last = max(first, min(source - 1, Int(end.rounded(.up)) - 1))
            let weights = (first...last).map { k in
                Float((min(end, Double(k + 1)) - max(start, Double(k))) / ratio)
            }
            return (first, weights)
        }
    }

    func rows(of image: Image) -> Image {
        var result = Image(width: spans.count, height: image.height)
        image.pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for (x, span) in spans.enumerated() {
                    for y in 0..<image.height {
                        var sum: Float = 0
                        let from = y * image.width + span.first
                        for k in span.weights.indices { sum += source[from + k] * span.weights[k] }
                        target[y * spans.count + x] = sum
                    }
                }
            }
        }
        return result
    }

    func columns(of image: Image) -> Image {
        let width = image.width
        var result = Image(width: width, height: spans.count)
        image.pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for (y, span) in spans.enumerated() {
                    for (k, weight) in span.weights.enumerated() {
                        let from = (span.first + k) * width
                        for x in 0..<width { target[y * width + x] += source[from + x] * weight }
                    }
                }
            }
        }
        return result
    }
}
