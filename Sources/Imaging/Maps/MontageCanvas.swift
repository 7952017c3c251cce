/// Sums of tiles and of what they count for.
struct MontageCanvas {
    private var sum: Image
    private var weight: Image
    private var darkest = Float.infinity

    init(width: Int, height: Int) {
        sum = Image(width: width, height: height)
        weight = sum
    }

    mutating func add(_ tile: Image, x: Int, y: Int) {
        darkest = min(darkest, tile.statistics.minimum)
        let width = sum.width
        let columns = (0..<tile.width).map { Float(min($0, tile.width - 1 - $0) + 1) }
        sum.pixels.withUnsafeMutableBufferPointer { sum in
            weight.pixels.withUnsafeMutableBufferPointer { weight in
                tile.pixels.withUnsafeBufferPointer { pixels in
                    columns.withUnsafeBufferPointer { columns in
                        for row in 0..<tile.height {
                            let vertical = Float(min(row, tile.height - 1 - row) + 1)
                            let to = (y + row) * width + x
                            for column in 0..<tile.width {
                                let w = columns[column] < vertical ? columns[column] : vertical
                                sum[to &+ column] += w * pixels[row &* tile.width &+ column]
                                weight[to &+ column] += w
                            }
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
