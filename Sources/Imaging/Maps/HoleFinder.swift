/// Finds the holes of a foil on the image of a square.
public enum HoleFinder {
    /// Diameters that are tried where none is told, in pixels of the image as it is worked on.
    private static let diameters = [8.0, 10, 12.5, 15.5, 19.5, 24.5, 30.5, 38, 48, 60]
    /// Longest side of the image as it is worked on.
    private static let workSide = 640
    private static let leastScore: Float = 0.35

    /// Holes seen, and those their lattice says must be there. `pixelSize` in Å, `holeDiameter` and `spacing` (centre to
    /// centre) in µm; what is not told is found.
    public static func findHoles(
        in image: Image, pixelSize: Double? = nil, holeDiameter: Double? = nil, spacing: Double? = nil
    ) -> [FoundItem] {
        let toPixels = { (micrometres: Double?) in pixelSize.flatMap { size in micrometres.map { $0 * 1e4 / size } } }
        let diameter = toPixels(holeDiameter)
        let work = workImage(image, diameter: diameter)
        let scale = Double(image.width) / Double(work.width)
        let side = Double(min(work.width, work.height))
        let candidates = diameter.map { d in [0.85, 1, 1.18].map { $0 * d / scale } } ?? diameters.filter { $0 < side / 4 }
        // Smaller discs are not told from noise, larger ones do not fit in.
        let tried = candidates.filter { $0 >= 4 && $0 * 1.6 < side }
        let pitch = toPixels(spacing).map { $0 / scale }
        let searches = tried.map { HoleSearch(work, diameter: $0, pitch: pitch, leastScore: leastScore) }
        guard let best = searches.max(by: { $0.quality < $1.quality }), best.quality > 0 else { return [] }
        let places = best.places()
        let items = HoleClasses(work, mask: best.mask, radius: best.measuredDiameter(places) / 2).items(places)
        return items.map { enlarged($0, by: scale) }
    }

    /// Small enough that a hole is some twenty pixels across, or the whole image is quickly searched.
    private static func workImage(_ image: Image, diameter: Double?) -> Image {
        let longest = max(image.width, image.height)
        guard let diameter else { return image.resized(toFit: workSide) }
        let wanted = Double(longest) * min(1, 20 / diameter)
        return image.resized(toFit: max(64, min(longest, Int(wanted.rounded()))))
    }

    private static func enlarged(_ item: FoundItem, by scale: Double) -> FoundItem {
        var item = item
        item.x = (item.x + 0.5) * scale - 0.5
        item.y = (item.y + 0.5) * scale - 0.5
        item.size *= scale
        return item
    }
}
