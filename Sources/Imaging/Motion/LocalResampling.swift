extension LocalMotion {
    /// Brings every pixel of a frame back to where its content was at first, by cubic interpolation: `shift` of the whole frame and what the
    /// place moved by itself. Outside the frame its border goes on.
    func resample(_ pixels: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, frame: Int, shift: PixelShift) {
        let source = UnsafeMutableBufferPointer<Float>.allocate(capacity: width * height)
        defer { source.deallocate() }
        source.baseAddress!.initialize(from: UnsafePointer(pixels.baseAddress!), count: width * height)
        for row in 0..<height {
            let v = Double(row) / Double(height) - 0.5
            let (dx, dy) = (self.row(x, v: v, frame: frame), self.row(y, v: v, frame: frame))
            for column in 0..<width {
                let u = Float(column) / Float(width) - 0.5
                let px = Float(column) + Float(shift.x) + dx.x + u * (dx.y + u * dx.z)
                let py = Float(row) + Float(shift.y) + dy.x + u * (dy.y + u * dy.z)
                pixels[row * width + column] = Self.cubic(source.baseAddress!, width, height, px, py)
            }
        }
    }

    /// Keys' cubic convolution over four by four pixels.
    @inline(__always)
    private static func cubic(_ source: UnsafeMutablePointer<Float>, _ width: Int, _ height: Int, _ x: Float, _ y: Float) -> Float
    {
        let (x0, y0) = (x.rounded(.down), y.rounded(.down))
        let (wx, wy) = (weights(x - x0), weights(y - y0))
        let (left, bottom) = (Int(x0) - 1, Int(y0) - 1)
        var sum: Float = 0
        if left >= 0 && bottom >= 0 && left + 3 < width && bottom + 3 < height {
            for j in 0..<4 {
                let four = UnsafeRawPointer(source + (bottom + j) * width + left).loadUnaligned(as: SIMD4<Float>.self)
                sum += wy[j] * (four * wx).sum()
            }
            return sum
        }
        for j in 0..<4 {
            let row = min(max(bottom + j, 0), height - 1) * width
            for i in 0..<4 { sum += wy[j] * wx[i] * source[row + min(max(left + i, 0), width - 1)] }
        }
        return sum
    }

    @inline(__always)
    private static func weights(_ t: Float) -> SIMD4<Float> {
        let (t2, t3) = (t * t, t * t * t)
        return SIMD4(-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2)
    }
}
