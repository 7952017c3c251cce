import Glibc

/// Finds the squares of a grid on its atlas.
public enum SquareFinder {
    /// Longest side of the atlas as it is worked on.
    private static let workSide = 1024

    /// Squares seen, and dark ones their lattice says must be there. `pixelSize` in Å only tells how small a square can be.
    public static func findSquares(in image: Image, pixelSize: Double? = nil) -> [FoundItem] {
        let work = image.resized(toFit: workSide)
        let scale = Double(image.width) / Double(work.width)
        guard let bright = BrightAreas(work) else { return [] }
        // No mesh has windows under ten micrometres.
        let least = pixelSize.map { pow(10e4 / ($0 * scale), 2) } ?? 0
        let patches = bright.mask.components(atLeast: max(12, Int(least)))
        let squares = SquarePatches(work, patches: patches, bar: bright.bar)
        return squares.items().map { item in
            var item = item
            item.x = (item.x + 0.5) * scale - 0.5
            item.y = (item.y + 0.5) * scale - 0.5
            item.size *= scale
            return item
        }
    }
}

/// What is brighter than the bars.
private struct BrightAreas {
    let mask: Image
    /// Brightness of the bars.
    let bar: Float

    /// nil where the image is even.
    init?(_ image: Image) {
        let log = image.logarithm().blurred(sigma: 0.8)
        guard var split = Otsu.split(log.pixels) else { return nil }
        // Torn squares can be a class of their own far above the others: then the next threshold parts ice from bars.
        if split.share < 0.05, let lower = Otsu.split(log.pixels.filter { [t = split.threshold] in $0 <= t }) { split = lower }
        bar = exp(split.low)
        let rough = log.mapped { [t = split.threshold] in $0 > t ? 1 : 0 }
        // Opening: bridges and specks of one pixel go, squares keep their size.
        let eroded = rough.boxBlurred(radius: 1).mapped { $0 > 0.99 ? 1 : 0 }
        let opened = eroded.boxBlurred(radius: 1).mapped { $0 > 0.01 ? 1 : 0 }
        mask = Self.filled(opened)
    }

    /// Dark spots within a square belong to it.
    private static func filled(_ mask: Image) -> Image {
        var mask = mask
        let holes = mask.mapped { 1 - $0 }.components().filter { !$0.touchesBorder && $0.area < mask.pixels.count / 100 }
        for hole in holes { for i in hole.pixels { mask.pixels[i] = 1 } }
        return mask
    }
}

/// The bright patches of an atlas, each held against the usual one.
private struct SquarePatches {
    private let image: Image
    private let patches: [Component]
    private let measures: [ImageStatistics]
    private let usual: Usual

    private struct Usual {
        let area: Double
        let side: Double
        let mean: Spread
        let deviation: Spread
        let bar: Double
    }

    init(_ image: Image, patches: [Component], bar: Float) {
        self.image = image
        // Half of all bright area lies in patches at least this large: specks, however many, do not count.
        let sorted = patches.map(\.area).sorted(by: >)
        let half = sorted.reduce(0, +) / 2
        var (sum, median) = (0, 1)
        for area in sorted where sum <= half {
            sum += area
            median = area
        }
        let kept = patches.filter { Double($0.area) > 0.12 * Double(median) }
        self.patches = kept
        let inner = kept.map { Self.inside($0, of: image) }
        measures = inner
        let whole = kept.indices.filter { !kept[$0].touchesBorder && Double(kept[$0].area) > 0.6 * Double(median) }
        let side = Spread(of: whole.map { Double(kept[$0].area).squareRoot() }).median
        usual = Usual(
            area: side > 0 ? side * side : Double(median), side: side > 0 ? side : Double(median).squareRoot(),
            mean: Spread(of: whole.map { inner[$0].mean }),
            deviation: Spread(of: whole.map { inner[$0].standardDeviation / max(inner[$0].mean, 1e-9) }), bar: Double(bar))
    }

    func items() -> [FoundItem] {
        let centres = patches.map { PixelShift(x: $0.x, y: $0.y) }
        let regular = patches.indices.filter {
            Double(patches[$0].area) > 0.4 * usual.area && Double(patches[$0].area) < 1.6 * usual.area
        }
        let lattice = Lattice(regular.map { centres[$0] }, pitches: 1.02 * usual.side...3 * usual.side)
        let nodes = Dictionary(uniqueKeysWithValues: (lattice?.members ?? [:]).map { (regular[$1], $0) })
        let seen = patches.indices.map { k in
            FoundItem(
                x: patches[k].x, y: patches[k].y, size: Double(patches[k].area).squareRoot(), class: judge(k),
                mean: measures[k].mean, score: score(k), row: nodes[k]?.j, column: nodes[k]?.i)
        }
        return seen + (lattice.map { dark(on: $0, seen: centres) } ?? [])
    }

    private func judge(_ k: Int) -> FoundClass {
        let (patch, measure) = (patches[k], measures[k])
        let share = Double(patch.area) / usual.area
        let unevenness = measure.standardDeviation / max(measure.mean, 1e-9)
        if patch.touchesBorder { return .partial }
        if share > 1.6 || measure.mean > 1.3 * usual.mean.median { return .cracked }
        if measure.mean < 0.65 * usual.mean.median { return .dark }
        if share < 0.6 { return .small }
        if solidity(patch) < 0.8
            || unevenness > max(2 * usual.deviation.median, usual.deviation.median + 8 * usual.deviation.distance)
        {
            return .contaminated
        }
        return .good
    }

    /// How square it is and how usual its size.
    private func score(_ k: Int) -> Double {
        let share = Double(patches[k].area) / usual.area
        return min(1, solidity(patches[k])) * min(share, 1 / share)
    }

    /// Area against that of the square, turned as it may be, with the same second moments: 1 for a whole square.
    private func solidity(_ patch: Component) -> Double {
        let moment = patch.pixels.reduce(0.0) { sum, i in
            let (dx, dy) = (Double(i % image.width) - patch.x, Double(i / image.width) - patch.y)
            return sum + dx * dx + dy * dy
        }
        let area = Double(patch.area)
        // A square of side s has the moment s⁴/6.
        return moment > 0 ? area / (6 * moment).squareRoot() : 1
    }

    /// Nodes without a patch that are still brighter than bars: ice too thick for the threshold.
    private func dark(on lattice: Lattice, seen: [PixelShift]) -> [FoundItem] {
        let half = usual.side / 2
        let gaps = lattice.gaps { place in
            place.x > half && place.y > half && place.x < Double(image.width) - half && place.y < Double(image.height) - half
                && seen.allSatisfy { ($0 - place).length > half }
        }
        return gaps.compactMap { gap in
            let r = max(1, Int(half * 0.5))
            let part = image.cropped(x: Int(gap.place.x) - r, y: Int(gap.place.y) - r, width: 2 * r + 1, height: 2 * r + 1)
            let mean = part.statistics.mean
            guard mean > usual.bar + 0.06 * (usual.mean.median - usual.bar) else { return nil }
            return FoundItem(
                x: gap.place.x, y: gap.place.y, size: usual.side, class: .dark, mean: mean, score: 0.1, row: gap.node.j,
                column: gap.node.i)
        }
    }

    /// The pixels that are not near the patch's edge.
    private static func inside(_ patch: Component, of image: Image) -> ImageStatistics {
        let reach = 0.36 * Double(patch.area).squareRoot()
        let pixels = patch.pixels.filter { i in
            let (dx, dy) = (Double(i % image.width) - patch.x, Double(i / image.width) - patch.y)
            return dx * dx + dy * dy <= reach * reach
        }
        return ImageStatistics(of: (pixels.isEmpty ? patch.pixels : pixels).map { image.pixels[$0] })
    }
}
