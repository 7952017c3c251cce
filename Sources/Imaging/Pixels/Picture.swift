/// Bytes for a screen: row 0 on top, one (grey), three (RGB) or four (RGBA) bytes a pixel.
public struct Picture: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    public var bytes: [UInt8]

    public init(width: Int, height: Int, channels: Int = 1, bytes: [UInt8]) {
        precondition([1, 3, 4].contains(channels) && bytes.count == width * height * channels)
        self.width = width
        self.height = height
        self.channels = channels
        self.bytes = bytes
    }

    /// Grey values as an image with row 0 at the bottom; colours are weighed by how bright they look.
    public var image: Image {
        var image = Image(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width { image.pixels[(height - 1 - y) * width + x] = brightness(x, y) }
        }
        return image
    }

    private func brightness(_ x: Int, _ y: Int) -> Float {
        let at = (y * width + x) * channels
        if channels == 1 { return Float(bytes[at]) }
        return 0.299 * Float(bytes[at]) + 0.587 * Float(bytes[at + 1]) + 0.114 * Float(bytes[at + 2])
    }
}
