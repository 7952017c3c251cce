import Imaging
import ImagingSamples

/// An atlas in 36 pieces, and a square.
struct MapBench {
    let times: Int

    func run() throws {
        try atlas()
        squares()
    }

    private func atlas() throws {
        let (side, step) = (1024, 920)
        var settings = AtlasSample.Settings(seed: 5, width: 5 * step + side, height: 5 * step + side)
        settings.windowSide = 160
        let whole = AtlasSample(settings, seed: 5)
        let tiles = (0..<36).map { index -> Montage.Tile in
            let (x, y) = (index % 6 * step, index / 6 * step)
            // Placed a few pixels from where they were cut, as stages do.
            let image = whole.image.cropped(x: x, y: y, width: side, height: side)
            return Montage.Tile(image: image, x: x + index * 7 % 9 - 4, y: y + index * 5 % 9 - 4)
        }
        var timed = Timed()
        var found: [FoundItem] = []
        for _ in 0..<times {
            found = timed.measure { Montage.stitched(tiles).map { SquareFinder.findSquares(in: $0.image) } ?? [] }
        }
        Report.line("Atlas of 6 x 6 tiles of 1024, stitched, squares found", timed.median, "s", promised: 3)
        let wanted = whole.windows.count { $0.isWhole }
        print("  \(found.count) squares found, \(wanted) whole ones drawn")
    }

    private func squares() {
        let sample = SquareSample(.r12, seed: 4, side: 2048)
        for isTold in [true, false] {
            var timed = Timed()
            var found: [FoundItem] = []
            for _ in 0..<times {
                found = timed.measure {
                    HoleFinder.findHoles(
                        in: sample.image, pixelSize: isTold ? sample.settings.pixelSize : nil, holeDiameter: isTold ? 1.2 : nil,
                        spacing: isTold ? 2.5 : nil)
                }
            }
            Report.line("Holes of a square of 2048, film \(isTold ? "told" : "not told")", timed.median, "s", promised: 1)
            print("  \(found.count) holes found, \(sample.holes.count { $0.isWhole }) whole ones drawn")
        }
    }
}
