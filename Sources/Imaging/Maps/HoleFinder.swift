/// Finds the holes of a foil on the image of a square.
public enum HoleFinder {
    /// Diameters that are tried where none is told, in pixels of the image at `workSide`.
    private static let diameters = [8.0, 10, 12.5, 15.5, 19.5, 24.5, 30.5, 38, 48, 60]
    /// Longest side of the image as it is worked on.
    private static let workSide = 640
    private static let leastScore: Float = 0.35
    /// Diameter of a hole as it is looked for, pixels.
    private static let workDiameter = 20.0

    /// Holes seen, and those their lattice says must be there. `pixelSize` in Å, `holeDiameter` and `spacing` (centre to
    /// centre) in µm; what is not told is found.
    ///
    /// `vacuum` is the level of the bare beam, for the thickness of the ice; `meanFreePath` in nm goes with the
    /// microscope's voltage, aperture and slit (Rice et al. 2018: 320 at 300 kV with an objective aperture, 395 with a slit of 20 eV).
    public static func findHoles(
        in image: Image, pixelSize: Double? = nil, holeDiameter: Double? = nil, spacing: Double? = nil, vacuum: Double? = nil,
        meanFreePath: Double = 320
    ) -> [FoundItem] {
        let toPixels = { (micrometres: Double?) in pixelSize.flatMap { size in micrometres.map { $0 * 1e4 / size } } }
        let pitch = toPixels(spacing)
        guard
            let seen = toPixels(holeDiameter).map({ Sought(diameter: $0, looks: HoleRelief.Look.allCases) })
                ?? guess(image, pitch: pitch), let best = search(image, seen, pitch: pitch)
        else { return [] }
        let places = best.search.places()
        let radius = best.search.measuredDiameter(places) / 2
        let classes = HoleClasses(best.work, mask: best.search.mask, radius: radius)
        let items = classes.items(places, light: IceThickness(vacuum: vacuum, meanFreePath: meanFreePath))
        return HoleTemplate.recentred(items, in: best.work).map { $0.enlarged(by: best.scale) }
    }

    /// A hole as it is to be looked for; the diameter in pixels of the image.
    private struct Sought {
        var diameter: Double
        var looks: [HoleRelief.Look]
    }

    private struct Found {
        var search: HoleSearch
        var work: Image
        var scale: Double
    }

    /// The diameter and look that show most holes, each tried on an image small enough for it.
    private static func guess(_ image: Image, pitch: Double?) -> Sought? {
        let whole = image.resized(toFit: workSide)
        let scale = Double(image.width) / Double(whole.width)
        let side = Double(min(whole.width, whole.height))
        var guesses: [(sought: Sought, quality: Double, isConvincing: Bool)] = []
        let tried = diameters.filter { $0 < side / 4 }
        for looks in [[HoleRelief.Look.bright], [.dark, .rim]] {
            let results = SideBySide(count: tried.count) { k -> [(sought: Sought, quality: Double, isConvincing: Bool)] in
                let shrunk = tried[k] > 10 ? whole.resized(toFit: max(64, Int(Double(workSide) * 10 / tried[k]))) : whole
                let zoom = Double(image.width) / Double(shrunk.width)
                return looks.map { look in
                    let search = HoleSearch(
                        shrunk, diameter: tried[k] * scale / zoom, pitch: pitch.map { $0 / zoom }, leastScore: leastScore,
                        look: look)
                    let sought = Sought(diameter: tried[k] * scale, looks: [look])
                    return (sought, search.quality * worth(look), search.isConvincing)
                }
            }
            guesses += results.values.flatMap(\.self)
            let best = guesses.max { $0.quality < $1.quality }
            // Where bright holes convince there is no need to look for others.
            if let best, best.quality > 0, best.isConvincing || looks.count > 1 { return best.sought }
        }
        return nil
    }

    /// Between bright holes the foil makes dark patches as regular as they are, and every disc has a rim.
    private static func worth(_ look: HoleRelief.Look) -> Double { look == .bright ? 1 : look == .dark ? 0.7 : 0.6 }

    /// The best of a few diameters about the sought one.
    private static func search(_ image: Image, _ sought: Sought, pitch: Double?) -> Found? {
        let wanted = Double(max(image.width, image.height)) * min(1, workDiameter / sought.diameter)
        let work = image.resized(toFit: max(64, min(max(image.width, image.height), Int(wanted.rounded()))))
        let scale = Double(image.width) / Double(work.width)
        let side = Double(min(work.width, work.height))
        // Smaller discs are not told from noise, larger ones do not fit in.
        let tried = [0.85, 1, 1.18].map { $0 * sought.diameter / scale }.filter { $0 >= 4 && $0 * 1.6 < side }
        for looks in sought.looks.contains(.bright) && sought.looks.count > 1 ? [[.bright], sought.looks] : [sought.looks] {
            let cases = tried.flatMap { diameter in looks.map { (diameter, $0) } }
            let searches = SideBySide(count: cases.count) { k in
                let (diameter, look) = cases[k]
                let search = HoleSearch(
                    work, diameter: diameter, pitch: pitch.map { $0 / scale }, leastScore: leastScore, look: look)
                return (search: search, quality: search.quality * worth(look))
            }
            let best = searches.values.max { $0.quality < $1.quality }
            // Where bright holes convince there is no need to look for others.
            guard let best, best.quality > 0, looks.count == sought.looks.count || best.search.isConvincing else { continue }
            return Found(search: best.search, work: work, scale: scale)
        }
        return nil
    }
}
