/// A grey picture of floating-point pixels, one contiguous row after another.
///
/// Row 0 is the bottom row, as MRC files store it; only `Thumbnail` turns a picture upright for a screen.
public struct Image: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public var pixels: [Float]

    /// Takes `pixels` as rows from the bottom up; their number must be `width * height`.
    public init(width: Int, height: Int, pixels: [Float]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "an image holds width times height pixels")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    public init(width: Int, height: Int, filledWith value: Float = 0) {
        self.init(width: width, height: height, pixels: [Float](repeating: value, count: width * height))
    }

    /// For what looks at few pixels; loops over whole images go through `pixels`.
    public subscript(x: Int, y: Int) -> Float {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }

    public func contains(x: Int, y: Int) -> Bool {
        x >= 0 && y >= 0 && x < width && y < height
    }

    /// Bilinear value between pixels, the border continued outwards.
    public func value(atX x: Double, y: Double) -> Float {
        let px = min(max(x, 0), Double(width - 1))
        let py = min(max(y, 0), Double(height - 1))
        let x0 = Int(px)
        let y0 = Int(py)
        let x1 = min(x0 + 1, width - 1)
        let y1 = min(y0 + 1, height - 1)
        let fx = Float(px - Double(x0))
        let fy = Float(py - Double(y0))
        let below = self[x0, y0] * (1 - fx) + self[x1, y0] * fx
        let above = self[x0, y1] * (1 - fx) + self[x1, y1] * fx
        return below * (1 - fy) + above * fy
    }
}
