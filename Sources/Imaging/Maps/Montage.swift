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

    /// A pixel of the overview where it was taken.
    public struct Piece: Sendable, Equatable {
        /// Which tile, by its number in the order given.
        public var index: Int
        /// The pixel within the tile.
        public var x: Double
        public var y: Double
    }

    /// The tiles blended; where none reaches, the darkest value of all.
    public let image: Image
    /// Place of the overview's lower left pixel in the tiles' coordinates.
    public let originX: Int
    public let originY: Int
    /// Where each tile's lower left pixel lies in the tiles' coordinates, as measured or as given.
    public let places: [PixelShift]
    private let extents: [Extent]

    private struct Extent {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
    }

    /// Blends linearly: each tile counts by the distance to its own border. nil without tiles.
    public init?(_ tiles: [Tile]) {
        self.init(tiles, places: tiles.map { PixelShift(x: Double($0.x), y: Double($0.y)) })
    }

    /// Tiles laid where their overlaps agree best, no further than `farthest` pixels from where they are said to be.
    /// An overlap that shows nothing leaves its tiles as far apart as they were.
    public static func stitched(_ tiles: [Tile], farthest: Double = 48) -> Montage? {
        Montage(tiles, places: TilePlacement(tiles, farthest: farthest).places)
    }

    /// The picture has whole pixels: tiles lie at the nearest ones.
    private init?(_ tiles: [Tile], places: [PixelShift]) {
        let extents = zip(tiles, places).map { tile, place in
            Extent(x: Int(place.x.rounded()), y: Int(place.y.rounded()), width: tile.image.width, height: tile.image.height)
        }
        guard let left = extents.map(\.x).min(), let bottom = extents.map(\.y).min(),
            let right = extents.map({ $0.x + $0.width }).max(), let top = extents.map({ $0.y + $0.height }).max()
        else { return nil }
        var canvas = MontageCanvas(width: right - left, height: top - bottom)
        for (tile, extent) in zip(tiles, extents) { canvas.add(tile.image, x: extent.x - left, y: extent.y - bottom) }
        image = canvas.blended()
        (originX, originY) = (left, bottom)
        (self.places, self.extents) = (places, extents)
    }

    /// The tile that a place of the overview mostly comes from; nil where no tile reaches.
    ///
    /// A target's stage position comes from its piece: the overview bends with every error of the stage.
    public func piece(atX x: Double, y: Double) -> Piece? {
        var best: (piece: Piece, weight: Double)?
        for (index, extent) in extents.enumerated() {
            let (column, row) = (x + Double(originX - extent.x), y + Double(originY - extent.y))
            let weight = min(column, row, Double(extent.width - 1) - column, Double(extent.height - 1) - row)
            guard weight >= -0.5, weight > best?.weight ?? -.infinity else { continue }
            best = (Piece(index: index, x: column, y: row), weight)
        }
        return best?.piece
    }
}
