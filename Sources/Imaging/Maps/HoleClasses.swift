import Glibc

/// Tells good holes from others by comparing each with its neighbours on the image.
struct HoleClasses {
    private let image: Image
    private let mask: FilmMask
    private let radius: Double

    init(_ image: Image, mask: FilmMask, radius: Double) {
        self.image = image
        self.mask = mask
        self.radius = radius
    }

    func items(_ places: [HoleSearch.Place], light: IceThickness) -> [FoundItem] {
        let inside = places.map { disc(at: $0.place, from: 0, to: 0.7 * radius) }
        let around = places.map { disc(at: $0.place, from: 1.2 * radius, to: 1.6 * radius).mean }
        let seen = places.indices.filter { places[$0].score > 0.5 }
        let typical = seen.isEmpty ? Array(places.indices) : seen
        let means = Spread(of: typical.map { inside[$0].mean })
        let deviations = Spread(of: typical.map { inside[$0].standardDeviation })
        let vacuum = light.vacuum(orBrightestOf: typical.map { inside[$0].mean })
        return places.indices.map { k in
            let hole = places[k]
            let kind = judge(
                inside[k], around: around[k], score: hole.score, whole: mask.coverage(at: hole.place, radius: radius),
                means: means,
                deviations: deviations)
            return FoundItem(
                x: hole.place.x, y: hole.place.y, size: 2 * radius, class: kind, mean: inside[k].mean, score: hole.score,
                row: hole.node?.j, column: hole.node?.i,
                thickness: light.thickness(inside[k].mean, vacuum: vacuum))
        }
    }

    private func judge(
        _ inside: ImageStatistics, around: Double, score: Double, whole: Double, means: Spread, deviations: Spread
    ) -> FoundClass {
        let spread = max(4.5 * means.distance, 0.08 * abs(means.median))
        let uneven = max(2 * deviations.median, deviations.median + 6 * deviations.distance)
        if whole < 0.97 { return .partial }
        if around > means.median + spread || inside.mean > means.median + 2 * spread { return .cracked }
        if inside.mean < 0.75 * means.median { return .dark }
        if inside.standardDeviation > uneven || score < 0.2 { return .contaminated }
        return .good
    }

    private func disc(at place: PixelShift, from inner: Double, to outer: Double) -> ImageStatistics {
        var values: [Float] = []
        let r = Int(outer.rounded(.up))
        let (cx, cy) = (Int(place.x.rounded()), Int(place.y.rounded()))
        for y in cy - r...cy + r {
            for x in cx - r...cx + r where image.contains(x: x, y: y) {
                let (dx, dy) = (Double(x) - place.x, Double(y) - place.y)
                let distance = (dx * dx + dy * dy).squareRoot()
                if distance >= inner && distance <= outer { values.append(image[x, y]) }
            }
        }
        return ImageStatistics(of: values)
    }
}

/// Ice by what it keeps back: t = Λ ln(I₀/I), Rice et al., J. Struct. Biol. 204 (2018).
struct IceThickness {
    /// Level of the bare beam, where it is known.
    var vacuum: Double?
    /// Λ, nm.
    var meanFreePath: Double

    /// Without a known level the brightest hole stands for vacuum: thickness then tells only how holes differ.
    func vacuum(orBrightestOf means: [Double]) -> Double { vacuum ?? means.max() ?? 0 }

    /// nm; nil where nothing comes through.
    func thickness(_ mean: Double, vacuum: Double) -> Double? {
        guard mean > 0, vacuum > 0 else { return nil }
        return max(0, meanFreePath * log(vacuum / mean))
    }
}
