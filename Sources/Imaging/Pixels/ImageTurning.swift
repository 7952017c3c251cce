extension Image {
    /// Turned so that pixel (x, y) shows what lay at (width − 1 − y, x): the content goes a quarter turn clockwise, no pixel is changed.
    public func quarterTurned() -> Image {
        var result = Image(width: height, height: width)
        pixels.withUnsafeBufferPointer { from in
            result.pixels.withUnsafeMutableBufferPointer { to in
                // Squares that fit the cache: both sides are walked across.
                for top in stride(from: 0, to: width, by: 32) {
                    for left in stride(from: 0, to: height, by: 32) {
                        for y in top..<min(top + 32, width) {
                            for x in left..<min(left + 32, height) { to[y &* height &+ x] = from[x &* width &+ (width - 1 - y)] }
                        }
                    }
                }
            }
        }
        return result
    }
}
