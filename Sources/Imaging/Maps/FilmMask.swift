import Glibc

/// Which part of an image is foil or ice, and which is opaque bar.
struct FilmMask {
    /// 1 on the film.
    let mask: Image

    /// Where nothing in the image is as dark as a bar, all of it is film.
    init(_ image: Image, smoothing: Double) {
        let log = image.logarithm().blurred(sigma: smoothing)
        guard let split = Otsu.split(log.pixels), exp(split.low - split.high) < 0.5 else {
            mask = Image(width: image.width, height: image.height, filledWith: 1)
            return
        }
        // Halfway between bar and film in brightness: halfway in logarithm lies in the bar's shadow.
        let threshold = Glibc.log((exp(split.low) + exp(split.high)) / 2)
        let rough = log.mapped { $0 > threshold ? 1 : 0 }
        mask = Self.largePatches(rough)
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
    private static func largePatches(_ rough: Image) -> Image {
        var mask = Image(width: rough.width, height: rough.height, filledWith: 0)
        let least = rough.pixels.count / 200
        for patch in rough.components(atLeast: least) { for i in patch.pixels { mask.pixels[i] = 1 } }
        for patch in mask.mapped({ 1 - $0 }).components() where !patch.touchesBorder && patch.area < least {
            for i in patch.pixels { mask.pixels[i] = 1 }
        }
        return mask
    }
}
