/// One diameter tried: discs seen, their lattice, and how convincing both are.
struct HoleSearch {
    struct Place {
        var place: PixelShift
        var score: Double
        var node: Lattice.Node?
    }

    let mask: FilmMask
    let diameter: Double
    private let image: Image
    private let correlation: DiscCorrelation
    private let peaks: [DiscCorrelation.Peak]
    private let lattice: Lattice?

    init(_ image: Image, diameter: Double, pitch: Double?, leastScore: Float) {
        self.image = image
        self.diameter = diameter
        let mask = FilmMask(image, smoothing: max(1, diameter / 12))
        self.mask = mask
        let (relief, noise) = Self.relief(image, mask: mask.mask, diameter: diameter)
        correlation = DiscCorrelation(relief, diameter: diameter, energy: 0.1 * noise * noise)
        peaks = correlation.peaks(over: leastScore, distance: pitch.map { 0.6 * $0 } ?? 1.15 * diameter, atMost: 600)
            .filter { mask.coverage(at: $0.place, radius: diameter / 2) > 0.8 }
        let pitches = pitch.map { 0.8 * $0...1.25 * $0 } ?? 1.2 * diameter...6 * diameter
        lattice = Lattice(peaks.map(\.place), pitches: pitches)
    }

    /// Σ of the squared scores on the lattice, less what lies off it; single holes count where there is no lattice.
    var quality: Double {
        guard let lattice else {
            let strong = peaks.filter { $0.score > 0.7 }
            return strong.isEmpty ? 0 : 0.01 * strong.reduce(0) { $0 + $1.score * $1.score }
        }
        let scores = lattice.members.values.map { peaks[$0].score }
        let share = Double(scores.count) / Double(peaks.count)
        // Noise, too, makes a few weak discs that happen to repeat.
        let mean = scores.reduce(0, +) / Double(scores.count)
        guard scores.count >= 5, mean > 0.45, share > 0.3 else { return 0 }
        return share * scores.reduce(0) { $0 + $1 * $1 }
    }

    /// Members of the lattice, its gaps on the film, or without a lattice the strong discs alone.
    func places() -> [Place] {
        guard let lattice else {
            return peaks.filter { $0.score > 0.7 }.map { Place(place: $0.place, score: $0.score, node: nil) }
        }
        let members = lattice.members.sorted { ($0.key.i, $0.key.j) < ($1.key.i, $1.key.j) }
        let seen = members.map { node, point in
            Place(place: settled(peaks[point], expected: lattice.expectedPlace(of: node)), score: peaks[point].score, node: node)
        }
        let gaps = lattice.gaps { mask.coverage(at: $0, radius: diameter / 2) > 0.9 }
        return seen
            + gaps.map { gap in
                let best = correlation.best(near: gap.place, reach: 0.12 * lattice.pitch)
                return Place(place: settled(best, expected: gap.place), score: best.score, node: gap.node)
            }
    }

    /// A clear disc knows best where it is; a faint one may be dirt beside the hole, and its neighbours know better.
    private func settled(_ peak: DiscCorrelation.Peak, expected: PixelShift?) -> PixelShift {
        peak.score > 0.6 ? peak.place : expected ?? peak.place
    }

    /// Where the mean profile of the holes falls steepest.
    func measuredDiameter(_ places: [Place]) -> Double {
        let reach = Int(diameter)
        var sums = [Double](repeating: 0, count: reach + 1)
        var counts = sums
        for hole in places where hole.score > 0.5 {
            let (cx, cy) = (Int(hole.place.x.rounded()), Int(hole.place.y.rounded()))
            for y in cy - reach...cy + reach {
                for x in cx - reach...cx + reach where image.contains(x: x, y: y) {
                    let (dx, dy) = (Double(x) - hole.place.x, Double(y) - hole.place.y)
                    let bin = Int((dx * dx + dy * dy).squareRoot().rounded())
                    guard bin <= reach else { continue }
                    sums[bin] += Double(image[x, y])
                    counts[bin] += 1
                }
            }
        }
        let profile = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
        let bins = max(1, Int(0.3 * diameter))..<max(2, min(reach, Int(0.75 * diameter)))
        let steepest = bins.max { profile[$0] - profile[$0 + 1] < profile[$1] - profile[$1 + 1] }
        return steepest.map { 2 * (Double($0) + 0.5) } ?? diameter
    }

    /// Brightness against the surrounding film, 0 on bars, specks and ice held within three deviations.
    private static func relief(_ image: Image, mask: Image, diameter: Double) -> (Image, Float) {
        let masked = image.combined(with: mask) { $0 * $1 }
        let wide = masked.blurred(sigma: 1.5 * diameter)
        let share = mask.blurred(sigma: 1.5 * diameter)
        let surroundings = wide.combined(with: share) { $1 > 0.02 && $0 > 0 ? $0 / $1 : .infinity }
        let contrast = image.combined(with: surroundings) { $1.isFinite ? $0 / $1 - 1 : 0 }.blurred(sigma: 0.06 * diameter)
        let film = zip(contrast.pixels, mask.pixels).filter { $1 > 0.5 }.map(\.0)
        guard !film.isEmpty else { return (contrast, 1) }
        let ends = Image(width: film.count, height: 1, pixels: film).percentiles([0.16, 0.84])
        let noise = max((ends[1] - ends[0]) / 2, 1e-6)
        let held = contrast.combined(with: mask) { min(max($0, -3 * noise), 3 * noise) * $1 }
        return (held, noise)
    }
}
