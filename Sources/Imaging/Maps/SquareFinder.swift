/// Finds the squares of a grid on its atlas.
public enum SquareFinder {
    /// Longest side of the atlas as it is worked on.
    private static let workSide = 1024

    /// Squares seen, and dark ones their lattice says must be there. `pixelSize` in Å only tells how small a square can be.
    public static func findSquares(in image: Image, pixelSize: Double? = nil) -> [FoundItem] {
        let work = image.resized(toFit: workSide)
        let scale = Double(image.width) / Double(work.width)
        // No mesh has windows under ten micrometres; below five pixels noise is as square as squares are.
        let least = max(28, pixelSize.map { Int(min(1e4, 1e10 / ($0 * $0 * scale * scale))) } ?? 0)
        guard let search = SquareSearch(work, least: least) else { return [] }
        return SquareClasses(search).items().map { $0.enlarged(by: scale) }
    }
}

extension FoundItem {
    /// The same on the image that was shrunk `scale` times: pixels are areas, and places are their middles.
    func enlarged(by scale: Double) -> FoundItem {
        var item = self
        item.x = (x + 0.5) * scale - 0.5
        item.y = (y + 0.5) * scale - 0.5
        item.size *= scale
        return item
    }
}
