import Foundation
import Imaging
import ImagingSamples
import Testing

/// Atlases cut into tiles that do not lie where they are said to.
@Suite struct StitchingTests {
    private struct Cut {
        var tiles: [Montage.Tile] = []
        var errors: [(x: Double, y: Double)] = []
        let whole: AtlasSample

        /// Four by four tiles of 240 with an eighth shared, some pixels off, each darker towards its corners.
        init(seed: UInt64, most: Double, blank: Set<Int> = []) {
            var settings = AtlasSample.Settings(seed: seed, width: 900, height: 900)
            settings.windowSide = 55
            settings.barShare = 0.35
            settings.blank = 0
            whole = AtlasSample(settings, seed: seed)
            var random = SeededGenerator(seed: seed)
            for k in 0..<16 {
                let (x, y) = (20 + k % 4 * 205, 20 + k / 4 * 205)
                let off = (x: random.uniform(-most...most).rounded(), y: random.uniform(-most...most).rounded())
                var image = whole.image.cropped(x: x + Int(off.x), y: y + Int(off.y), width: 240, height: 240)
                for row in 0..<240 {
                    for column in 0..<240 {
                        let (u, v) = (Float(column) / 120 - 1, Float(row) / 120 - 1)
                        image[column, row] *= 1 - 0.15 * (u * u + v * v)
                    }
                }
                if blank.contains(k) { image = Image(width: 240, height: 240) }
                tiles.append(Montage.Tile(image: image, x: x, y: y))
                errors.append(off)
            }
        }

        /// Largest distance of a tile from where it was cut, but for a common shift; blank ones cannot be known.
        func worst(_ montage: Montage, but blank: Set<Int> = []) -> Double {
            let misses = tiles.indices.filter { !blank.contains($0) }.map { k in
                (
                    x: montage.places[k].x - Double(tiles[k].x) - errors[k].x,
                    y: montage.places[k].y - Double(tiles[k].y) - errors[k].y
                )
            }
            let n = Double(misses.count)
            let mean = (x: misses.reduce(0) { $0 + $1.x } / n, y: misses.reduce(0) { $0 + $1.y } / n)
            return misses.map { hypot($0.x - mean.x, $0.y - mean.y) }.max() ?? 0
        }
    }

    @Test(arguments: UInt64(1)...4)
    func `tiles some pixels off are laid where they belong`(seed: UInt64) throws {
        let cut = Cut(seed: seed, most: 7)
        let montage = try #require(Montage.stitched(cut.tiles))
        #expect(cut.worst(montage) < 1)
        #expect(cut.worst(try #require(Montage(cut.tiles))) > 4)
    }

    @Test func `blank tiles stay where they are said to be and disturb nobody`() throws {
        let cut = Cut(seed: 6, most: 5, blank: [5, 12])
        let montage = try #require(Montage.stitched(cut.tiles))
        #expect(cut.worst(montage, but: [5, 12]) < 1)
        for k in [5, 12] {
            #expect(hypot(montage.places[k].x - Double(cut.tiles[k].x), montage.places[k].y - Double(cut.tiles[k].y)) < 12)
        }
    }

    @Test func `squares are found on the stitched atlas, and each has its piece`() throws {
        let cut = Cut(seed: 3, most: 6)
        let montage = try #require(Montage.stitched(cut.tiles))
        let items = SquareFinder.findSquares(in: montage.image).filter { $0.class == .good }
        #expect(items.count > 8)
        for item in items {
            let piece = try #require(montage.piece(atX: item.x, y: item.y))
            let (tile, off) = (cut.tiles[piece.index], cut.errors[piece.index])
            let (x, y) = (Double(tile.x) + off.x + piece.x, Double(tile.y) + off.y + piece.y)
            let nearest = cut.whole.windows.map { hypot($0.x - x, $0.y - y) }.min() ?? 99
            #expect(nearest < 4)
        }
        #expect(montage.piece(atX: -50, y: 10) == nil)
    }

    @Test func `tiles of noise alone stay where they are`() throws {
        let tiles = (0..<4).map { k in
            Montage.Tile(
                image: Fixtures.noise(width: 120, height: 120, mean: 50, deviation: 5, seed: UInt64(k + 1)), x: k % 2 * 100,
                y: k / 2 * 100)
        }
        let montage = try #require(Montage.stitched(tiles))
        #expect(zip(montage.places, tiles).allSatisfy { abs($0.x - Double($1.x)) < 0.01 && abs($0.y - Double($1.y)) < 0.01 })
    }
}
