import Glibc

/// What stands out over the bars of an atlas, at many levels: no single one parts bars, thick ice, ice and vacuum everywhere.
struct BrightPatches {
    /// A patch and how much it looks like a window of a mesh.
    struct Patch {
        var component: Component
        /// Area against that of the square with the same second moments: 1 for a whole square, however it is turned.
        var squareness: Double
        /// Whether it has four corners: 0.43 for a square, 0 for a disc, and anything for what is too small to have any.
        var fourfold: Double
        var looksLikeWindow: Bool { isWhole && squareness > 0.93 && (fourfold > 0.1 || area < 100) }
        var area: Double { Double(component.area) }
        /// Its area, less where its corners are hardly seen: a torn hole is large, too.
        var clearArea: Double { area < 100 ? area : area * min(1, fourfold / 0.3) }
        /// No edge of the image, nor of what the montage covers, cuts it.
        var isWhole: Bool { !component.touchesBorder }
    }

    /// The patches at each level, the lowest first; levels are logarithms of brightness.
    let levels: [(level: Float, patches: [Patch])]
    /// The level that shows most area in patches of one size, and that size.
    let best: Int
    let usualArea: Double

    /// nil where no level shows anything like a window. `blank`: 1 where the montage has no piece.
    init?(_ log: Image, blank: Image?, least: Int) {
        var seen = log.pixels
        if let blank { seen = zip(log.pixels, blank.pixels).filter { $1 < 0.5 }.map(\.0) }
        guard seen.count > 64 else { return nil }
        let ends = Image(width: seen.count, height: 1, pixels: seen).percentiles([0.02, 0.995])
        // Bars let through half of what film does, at most.
        guard ends[1] - ends[0] > 0.6 else { return nil }
        var heights = (1...9).map { ends[0] + (ends[1] - ends[0]) * Float($0) / 10 }
        if let split = Otsu.split(seen) { heights.append(split.threshold) }
        heights.sort()
        let found = Self.patches(log, blank: blank, heights: heights, least: least)
        let judged = found.map(Self.commonSize)
        guard let best = judged.indices.max(by: { judged[$0].worth < judged[$1].worth }), judged[best].worth > 0 else {
            return nil
        }
        levels = zip(heights, found).map { (level: $0, patches: $1) }
        self.best = best
        usualArea = judged[best].area
    }

    private static func patches(_ log: Image, blank: Image?, heights: [Float], least: Int) -> [[Patch]] {
        let results = SideBySide(count: heights.count) { k in
            var mask = log.mapped { [level = heights[k]] in $0 > level ? 1 : 0 }
            if let blank { mask = mask.combined(with: blank) { $1 > 0.5 ? 0 : $0 } }
            let near = blank.map { $0.boxBlurred(radius: 2) }
            return filled(opened(mask)).components(atLeast: least).map { component in
                var component = component
                if let near, component.pixels.contains(where: { near.pixels[$0] > 0.01 }) { component.touchesBorder = true }
                let shape = shape(component, width: log.width)
                return Patch(component: component, squareness: shape.squareness, fourfold: shape.fourfold)
            }
        }
        return results.values
    }

    /// Bridges and specks of one pixel go, squares keep their size.
    private static func opened(_ mask: Image) -> Image {
        mask.boxBlurred(radius: 1).mapped { $0 > 0.99 ? 1 : 0 }.boxBlurred(radius: 1).mapped { $0 > 0.01 ? 1 : 0 }
    }

    /// Dark spots within a square belong to it.
    private static func filled(_ mask: Image) -> Image {
        var mask = mask
        let holes = mask.mapped { 1 - $0 }.components().filter { !$0.touchesBorder && $0.area < mask.pixels.count / 100 }
        for hole in holes { for i in hole.pixels { mask.pixels[i] = 1 } }
        return mask
    }

    private static func shape(_ patch: Component, width: Int) -> (squareness: Double, fourfold: Double) {
        var (second, fourth, real, imaginary) = (0.0, 0.0, 0.0, 0.0)
        for i in patch.pixels {
            let (dx, dy) = (Double(i % width) - patch.x, Double(i / width) - patch.y)
            let (u, v) = (dx * dx - dy * dy, 2 * dx * dy)
            let r = dx * dx + dy * dy
            second += r
            fourth += r * r
            real += u * u - v * v
            imaginary += 2 * u * v
        }
        guard second > 0 else { return (1, 0) }
        // A square of side s has the moment s⁴/6.
        return (Double(patch.area) / (6 * second).squareRoot(), (real * real + imaginary * imaginary).squareRoot() / fourth)
    }

    /// The size that most of the area of square patches shares within a third, and how much that is worth.
    private static func commonSize(_ patches: [Patch]) -> (area: Double, worth: Double) {
        let windows = patches.filter(\.looksLikeWindow).sorted { $0.area < $1.area }
        var best = (area: 0.0, worth: 0.0)
        var (first, sum) = (0, 0.0)
        for last in windows.indices {
            sum += windows[last].clearArea
            while windows[first].area < 0.7 * windows[last].area {
                sum -= windows[first].clearArea
                first += 1
            }
            let others = Double(last - first)
            // One patch alone may be a tear as large as many windows.
            let worth = sum * max(0.03, others / (others + 3))
            if worth > best.worth { best = (windows[(first + last) / 2].area, worth) }
        }
        return best
    }
}
