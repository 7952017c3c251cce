/// Where the windows of a mesh lie on an atlas: those that stand out, and the others by the mesh's lattice.
struct SquareSearch {
    /// A window as far as it is seen.
    struct Sight {
        var place: PixelShift
        /// Pixels of it that stand out over the bars.
        var pixels: [Int]
        var squareness: Double
        var isCut: Bool
        var node: Lattice.Node?
    }

    /// The atlas with its light evened, and a little smoothed.
    let evened: Image
    let light: LightField
    let image: Image
    let sights: [Sight]
    let lattice: Lattice?
    /// Side of a window, pixels.
    let side: Double
    let blank: Image?

    /// nil where the image shows no windows. `least` is the area of the smallest, pixels.
    init?(_ image: Image, least: Int) {
        guard Self.areCounts(image) else { return nil }
        blank = BlankBorder.mask(of: image)
        let light = Self.light(image, least: least)
        let evened = light.evened(image)
        guard let patches = BrightPatches(evened.logarithm().blurred(sigma: 0.8), blank: blank, least: least) else { return nil }
        let whole = Self.whole(patches)
        let side = Spread(of: whole.map { $0.area.squareRoot() }).median
        let centres = whole.map { PixelShift(x: $0.component.x, y: $0.component.y) }
        let lattice = Lattice(centres, pitches: 1.02 * side...3 * side)
        let gatherer = SquareGatherer(width: image.width, height: image.height, side: side, lattice: lattice)
        sights = gatherer.sights(whole: whole, others: patches.levels[patches.best].patches)
        (self.image, self.light, self.lattice, self.side) = (image, light, lattice, side)
        self.evened = evened.blurred(sigma: 0.8)
    }

    /// Whether pixels are counts, as light makes them: noise about zero heaps up to patches of any shape.
    private static func areCounts(_ image: Image) -> Bool {
        let ends = image.percentiles([0.05, 0.99])
        return ends[0] > -0.3 * ends[1]
    }

    /// From half the size: light changes slowly, and squares need not be whole to tell of it.
    private static func light(_ image: Image, least: Int) -> LightField {
        let small = image.resized(toFit: max(64, max(image.width, image.height) / 2))
        let even = LightField(width: image.width, height: image.height)
        let log = small.logarithm().blurred(sigma: 0.6)
        guard let patches = BrightPatches(log, blank: BlankBorder.mask(of: small), least: max(12, least / 4)) else { return even }
        let scale = Double(image.width) / Double(small.width)
        let levels = whole(patches).map { patch in
            let inside = patch.component.pixels.map { small.pixels[$0] }.sorted()
            return (x: patch.component.x * scale, y: patch.component.y * scale, level: Double(inside[inside.count / 2]))
        }
        return LightField(width: image.width, height: image.height, squares: levels)
    }

    /// Square patches of about the usual size: each from the level nearest to the best one that shows it as such.
    private static func whole(_ found: BrightPatches) -> [BrightPatches.Patch] {
        var kept: [BrightPatches.Patch] = []
        let apart = 0.7 * found.usualArea.squareRoot()
        for k in found.levels.indices.sorted(by: { (abs($0 - found.best), $0) < (abs($1 - found.best), $1) }) {
            for patch in found.levels[k].patches where patch.looksLikeWindow {
                guard patch.area > 0.6 * found.usualArea, patch.area < 1.5 * found.usualArea else { continue }
                let place = PixelShift(x: patch.component.x, y: patch.component.y)
                let isNew = kept.allSatisfy { (PixelShift(x: $0.component.x, y: $0.component.y) - place).length > apart }
                if isNew { kept.append(patch) }
            }
        }
        return kept
    }
}

/// What no piece of a montage covers: one exact value, from the image's edge inwards.
enum BlankBorder {
    /// 1 where it is blank; nil where the image is covered all over.
    static func mask(of image: Image) -> Image? {
        guard let darkest = image.pixels.min() else { return nil }
        let mask = image.mapped { $0 == darkest ? 1 : 0 }
        guard mask.statistics.mean > 0.002 else { return nil }
        // Dark bars without a count come and go from pixel to pixel; a blank is whole.
        let core = mask.boxBlurred(radius: 1).mapped { $0 > 0.999 ? 1 : 0 }
        let blanks = core.components(atLeast: 20).filter(\.touchesBorder)
        guard !blanks.isEmpty, blanks.reduce(0, { $0 + $1.area }) < image.pixels.count * 9 / 10 else { return nil }
        var result = Image(width: image.width, height: image.height)
        for blank in blanks { for i in blank.pixels { result.pixels[i] = 1 } }
        // Shrinking the image mixed the outermost row with what lies beside it.
        return result.boxBlurred(radius: 2).mapped { $0 > 0.01 ? 1 : 0 }
    }
}
