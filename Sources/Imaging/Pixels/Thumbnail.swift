/// Small upright pictures of images for a page.
public enum Thumbnail {
    /// Shrinks to at most `size` pixels a side, stretches the contrast, and turns the picture upright.
    ///
    /// Black and white are the values that leave out `ignoring` of the pixels at either end, so that a hot pixel
    /// or a speck of ice does not grey everything else.
    public static func make(_ image: Image, size: Int, ignoring fraction: Double = 0.005) -> Picture {
        let small = image.resized(toFit: size)
        let ends = small.percentiles([fraction, 1 - fraction])
        return picture(small, black: ends[0], white: ends[1])
    }

    /// Several sizes of one image; each is made from the next larger one.
    public static func make(_ image: Image, sizes: [Int], ignoring fraction: Double = 0.005) -> [Int: Picture] {
        var current = image
        var pictures: [Int: Picture] = [:]
        for size in sizes.sorted(by: >) {
            current = current.resized(toFit: size)
            pictures[size] = make(current, size: size, ignoring: fraction)
        }
        return pictures
    }

    /// Grey from `black` to `white`, row 0 of the image at the bottom of the picture.
    public static func picture(_ image: Image, black: Float, white: Float) -> Picture {
        let scale = white > black ? 255 / (white - black) : 0
        var bytes = [UInt8](repeating: 0, count: image.pixels.count)
        let width = image.width
        image.pixels.withUnsafeBufferPointer { source in
            bytes.withUnsafeMutableBufferPointer { target in
                for y in 0..<image.height {
                    let from = (image.height - 1 - y) * width
                    for x in 0..<width { target[y * width + x] = grey((source[from + x] - black) * scale) }
                }
            }
        }
        return Picture(width: width, height: image.height, bytes: bytes)
    }

    @inline(__always)
    private static func grey(_ value: Float) -> UInt8 {
        // Comparisons in this order turn not-a-number into black.
        value > 0 ? UInt8(min(value, 255)) : 0
    }
}
