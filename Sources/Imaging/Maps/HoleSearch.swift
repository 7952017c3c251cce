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

    init(_ image: Image, diameter: Double, pitch: Double?, leastScore: Float, look: HoleRelief.Look = .bright) {
        self.image = image
        self.diameter = diameter
        let mask = FilmMask(image, smoothing: max(1, diameter / 12))
        self.mask = mask
        let relief = HoleRelief(image, mask: mask.mask, diameter: diameter, look: look)
        correlation = DiscCorrelation(
            relief.image, diameter: diameter, energy: 0.1 * relief.noise * relief.noise, shape: look == .rim ? .rim : .disc)
        let found = correlation.peaks(over: leastScore, distance: pitch.map { 0.6 * $0 } ?? 1.15 * diameter, atMost: 600)
            .filter { mask.coverage(at: $0.place, radius: diameter / 2) > 0.8 }
        let pitches = pitch.map { 0.8 * $0...1.25 * $0 } ?? 1.2 * diameter...6 * diameter
        let lattice = Lattice(found.map(\.place), pitches: pitches)
        peaks = Self.withoutSmallOnes(found, on: lattice)
        self.lattice = peaks.count == found.count ? lattice : Lattice(peaks.map(\.place), pitches: pitches)
    }

    /// Foils with small holes between the large ones show both on one lattice: every second node then fits clearly worse.
    private static func withoutSmallOnes(_ peaks: [DiscCorrelation.Peak], on lattice: Lattice?) -> [DiscCorrelation.Peak] {
        guard let lattice, lattice.members.count >= 16 else { return peaks }
        let odd = lattice.members.filter { ($0.key.i + $0.key.j) % 2 != 0 }.map(\.value)
        let even = lattice.members.filter { ($0.key.i + $0.key.j) % 2 == 0 }.map(\.value)
        guard min(odd.count, even.count) > lattice.members.count / 5 else { return peaks }
        let (first, second) = (Spread(of: odd.map { peaks[$0].score }), Spread(of: even.map { peaks[$0].score }))
        guard abs(first.median - second.median) > max(0.12, 3 * (first.distance + second.distance)) else { return peaks }
        let dropped = Set(first.median < second.median ? odd : even)
        return peaks.indices.filter { !dropped.contains($0) }.map { peaks[$0] }
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

    /// Whether most of what is seen lies on one lattice and looks like holes.
    var isConvincing: Bool {
        guard let lattice, lattice.members.count >= 9 else { return false }
        let scores = lattice.members.values.map { peaks[$0].score }
        return scores.reduce(0, +) / Double(scores.count) > 0.6 && 2 * scores.count > peaks.count
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
        guard let expected else { return peak.place }
        let isNear = (peak.place - expected).length < 0.15 * diameter
        return peak.score > (isNear ? 0.6 : 0.8) ? peak.place : expected
    }

    /// Where the mean profile of the holes is steepest.
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
        let steepest = bins.max { abs(profile[$0] - profile[$0 + 1]) < abs(profile[$1] - profile[$1 + 1]) }
        return steepest.map { 2 * (Double($0) + 0.5) } ?? diameter
    }
}
