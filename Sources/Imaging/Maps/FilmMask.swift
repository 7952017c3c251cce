import Glibc

/// Which part of an image is foil or ice, and which is opaque bar.
struct FilmMask {
    /// 1 on the film.
    let mask: Image

    /// Where nothing in the image is as dark as a bar, all of it is film.
    init(_ image: Image, smoothing: Double) {
        let log = image.logarithm().blurred(sigma: smoothing)
        mask = Self.film(log, smoothing) ?? Image(width: image.width, height: image.height, filledWith: 1)
    }

    /// nil where there are no bars.
    private static func film(_ log: Image, _ smoothing: Double) -> Image? {
        guard let threshold = threshold(log.pixels) else { return nil }
        let bright = log.mapped { $0 > threshold ? 1 : 0 }
        let patches = bright.components(atLeast: 12)
        guard areHoles(patches) else { return largePatches(patches, of: log) }
        // A foil of gold is so dark that holes stand out from it as film does from bars; beside a hole lies its blur.
        let near = bright.boxBlurred(radius: Int(2 * smoothing) + 1)
        let dark = zip(log.pixels, near.pixels).filter { $1 < 1e-4 }.map(\.0)
        guard let lower = Self.threshold(dark) else { return nil }
        let film = largePatches(log.mapped { $0 > lower ? 1 : 0 }.components(atLeast: 12), of: log)
        // Holes of thick ice part from the foil, too; what lies around holes is more than they are.
        return film.statistics.mean > bright.statistics.mean ? film : nil
    }

    /// Logarithm of the brightness halfway between two classes; nil where they are too alike to be bar and film.
    private static func threshold(_ logs: [Float]) -> Float? {
        guard let split = Otsu.split(logs), exp(split.low - split.high) < 0.5 else { return nil }
        let above = logs.filter { $0 > split.threshold }
        // Holes may be far brighter than the film, of which there is more.
        let film = min(split.high, Image(width: above.count, height: 1, pixels: above).median)
        // Halfway in logarithm would lie in the bar's shadow.
        return Glibc.log((exp(split.low) + exp(film)) / 2)
    }

    /// Whether patches are the holes of a foil rather than windows of a mesh: many of one size, be there other sizes, too.
    private static func areHoles(_ patches: [Component]) -> Bool {
        let whole = patches.filter { !$0.touchesBorder }.map { Double($0.area) }.sorted()
        var (first, sum, most) = (0, 0.0, 0.0)
        for last in whole.indices {
            sum += whole[last]
            while whole[first] < 0.6 * whole[last] {
                sum -= whole[first]
                first += 1
            }
            if last - first >= 5, 4 * (last - first + 1) > whole.count { most = max(most, sum) }
        }
        return most > 0.1 * patches.reduce(0.0) { $0 + Double($1.area) }
    }

    /// The share of a disc that lies on film, outside the image counting as bar.
    func coverage(at place: PixelShift, radius: Double) -> Double {
        var (on, all) = (0.0, 0.0)
        let r = Int(radius.rounded(.up))
        let (cx, cy) = (Int(place.x.rounded()), Int(place.y.rounded()))
        for y in cy - r...cy + r {
            for x in cx - r...cx + r where Double((x - cx) * (x - cx) + (y - cy) * (y - cy)) <= radius * radius {
                all += 1
                if mask.contains(x: x, y: y) { on += Double(mask[x, y]) }
            }
        }
        return on / max(all, 1)
    }

    /// Specks in the bars are dropped, dark spots in the film belong to it.
    private static func largePatches(_ patches: [Component], of image: Image) -> Image {
        var mask = Image(width: image.width, height: image.height, filledWith: 0)
        let least = mask.pixels.count / 200
        for patch in patches where patch.area >= least { for i in patch.pixels { mask.pixels[i] = 1 } }
        for patch in mask.mapped({ 1 - $0 }).components() where !patch.touchesBorder && patch.area < least {
            for i in patch.pixels { mask.pixels[i] = 1 }
        }
        return mask
    }
}
