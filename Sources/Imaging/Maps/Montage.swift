/// Joins tiles into one overview.
public struct Montage: Sendable {
    public struct Tile: Sendable {
        public var image: Image
        /// Place of the tile's lower left pixel, in pixels of any origin.
        public var x: Int
        public var y: Int

        public init(image: Image, x: Int, y: Int) {
            self.image = image
            self.x = x
            self.y = y
        }
    }

    /// The tiles blended; where none reaches, the darkest value of all.
    public let image: Image
    /// Place of the overview's lower left pixel in the tiles' coordinates.
    public let originX: Int
    public let originY: Int

    /// Blends linearly: each tile counts by the distance to its own border. nil without tiles.
    public init?(_ tiles: [Tile]) {
        guard let left = tiles.map(\.x).min(), let bottom = tiles.map(\.y).min(),
            let right = tiles.map({ $0.x + $0.image.width }).max(), let top = tiles.map({ $0.y + $0.image.height }).max()
        else { return nil }
        var canvas = Canvas(width: right - left, height: top - bottom)
        for tile in tiles { canvas.add(tile.image, x: tile.x - left, y: tile.y - bottom) }
        image = canvas.blended()
        originX = left
        originY = bottom
    }

    private struct Canvas {
        private var sum: Image
        private var weight: Image
        private var darkest = Float.infinity

        init(width: Int, height: Int) {
            sum = Image(width: width, height: height)
            weight = sum
        }

        mutating func add(_ tile: Image, x: Int, y: Int) {
            darkest = min(darkest, tile.percentiles([0])[0])
            let width = sum.width
            sum.pixels.withUnsafeMutableBufferPointer { sum in
                weight.pixels.withUnsafeMutableBufferPointer { weight in
                    tile.pixels.withUnsafeBufferPointer { pixels in
                        for row in 0..<tile.height {
                            let vertical = Float(min(row, tile.height - 1 - row) + 1)
                            let to = (y + row) * width + x
                            for column in 0..<tile.width {
                                let w = min(vertical, Float(min(column, tile.width - 1 - column) + 1))
                                sum[to + column] += w * pixels[row * tile.width + column]
                                weight[to + column] += w
                            }
                        }
                    }
                }
            }
        }

        func blended() -> Image {
            sum.combined(with: weight) { [darkest] in $1 > 0 ? $0 / $1 : darkest }
        }
    }
}
