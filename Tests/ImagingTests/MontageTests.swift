import Testing

@testable import Imaging

@Suite struct MontageTests {
    @Test func `tiles cut from one picture join to it again`() throws {
        let whole = Fixtures.noise(width: 90, height: 70, mean: 10)
        let corners = [(0, 0), (40, 0), (0, 30), (40, 30)]
        let tiles = corners.map { x, y in
            Montage.Tile(image: whole.cropped(x: x, y: y, width: 50, height: 40), x: x - 7, y: y + 100)
        }
        let montage = try #require(Montage(tiles))
        #expect(montage.originX == -7 && montage.originY == 100)
        #expect(zip(montage.image.pixels, whole.pixels).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func `overlaps pass smoothly from one tile to the other`() throws {
        let montage = try #require(
            Montage([
                Montage.Tile(image: Image(width: 40, height: 40, filledWith: 0), x: 0, y: 0),
                Montage.Tile(image: Image(width: 40, height: 40, filledWith: 1), x: 20, y: 0),
            ]))
        let row = (0..<60).map { montage.image[$0, 20] }
        #expect(row[0] == 0 && row[59] == 1)
        #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 && $1 - $0 < 0.1 })
    }

    @Test func `no tiles make no montage`() {
        #expect(Montage([]) == nil)
    }
}
