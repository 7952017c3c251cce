/// Tells good squares from others by comparing each with the usual one, in even light.
struct SquareClasses {
    private let search: SquareSearch
    private var usual: Usual
    private let measures: [Measure]

    private struct Usual {
        var level: Spread
        var deviation: Spread
        var bar: Double
        /// At half of its own level: what first found it may lie lower, and show it larger.
        var area = 0.0
    }

    /// What a window shows well inside, in even light.
    private struct Measure {
        var median = 0.0
        var mean = 0.0
        var deviation = 0.0
        var values: [Float] = []

        init(_ values: [Float]) {
            let sorted = values.sorted()
            guard !sorted.isEmpty else { return }
            let statistics = ImageStatistics(of: sorted)
            median = Double(sorted[sorted.count / 2])
            mean = statistics.mean
            deviation = statistics.standardDeviation
            self.values = sorted
        }

        func share(above level: Double) -> Double { Double(values.count { Double($0) > level }) / Double(max(1, values.count)) }
    }

    init(_ search: SquareSearch) {
        self.search = search
        measures = search.sights.map { Measure(Self.inside($0, search)) }
        let whole = search.sights.indices.filter { [measures] in
            search.sights[$0].squareness > 0.93 && !search.sights[$0].isCut && measures[$0].median > 0
        }
        let bars = search.evened.percentiles([0.05])[0]
        usual = Usual(
            level: Spread(of: whole.map { [measures] in measures[$0].median }),
            deviation: Spread(of: whole.map { [measures] in measures[$0].deviation / measures[$0].median }),
            bar: Double(max(0, bars)))
        usual.area = Spread(of: whole.map { area($0) }).median
    }

    func items() -> [FoundItem] {
        let seen = search.sights.indices.map { k in
            let sight = search.sights[k]
            let area = area(k)
            return FoundItem(
                x: sight.place.x, y: sight.place.y, size: area.squareRoot(), class: judge(k, area: area),
                mean: mean(measures[k].mean, at: sight.place), score: score(sight, area), row: sight.node?.j,
                column: sight.node?.i)
        }
        return seen + darkOnes()
    }

    private func mean(_ evened: Double, at place: PixelShift) -> Double { evened * search.light.light(place.x, place.y) }

    private func judge(_ k: Int, area: Double) -> FoundClass {
        let (sight, measure) = (search.sights[k], measures[k])
        if sight.isCut { return .partial }
        let level = usual.level.median
        let bright = level * (1 + max(0.22, 5 * usual.level.distance / max(level, 1e-9), 4 * usual.deviation.median))
        if measure.share(above: bright) > 0.1 { return .cracked }
        if area < 0.6 * usual.area { return .small }
        if measure.median < 0.62 * level { return .dark }
        let spots = 1 - measure.share(above: measure.median * (1 - max(0.3, 4 * usual.deviation.median)))
        if spots > 0.04 || area < 0.8 * usual.area { return .contaminated }
        return .good
    }

    /// How square it is and how usual its size.
    private func score(_ sight: SquareSearch.Sight, _ area: Double) -> Double {
        let share = area / max(usual.area, 1)
        return min(1, sight.squareness) * min(share, 1 / max(share, 1e-9))
    }

    /// Pixels over half of its own level: a low threshold makes bright squares look large.
    private func area(_ k: Int) -> Double {
        let half = Float((usual.bar + min(measures[k].median, usual.level.median)) / 2)
        return Double(search.sights[k].pixels.count { search.evened.pixels[$0] > half })
    }

    /// Nodes without a patch that are still brighter than the bars around them: ice too thick for any level.
    private func darkOnes() -> [FoundItem] {
        guard let lattice = search.lattice else { return [] }
        let half = search.side / 2
        let (width, height) = (Double(search.image.width), Double(search.image.height))
        let gaps = lattice.gaps { place in
            place.x > half && place.y > half && place.x < width - half && place.y < height - half
                && search.sights.allSatisfy { ($0.place - place).length > half }
        }
        let known = Set(search.sights.compactMap(\.node))
        return gaps.compactMap { gap in known.contains(gap.node) ? nil : darkOne(at: gap, lattice) }
    }

    private func darkOne(at gap: (node: Lattice.Node, place: PixelShift), _ lattice: Lattice) -> FoundItem? {
        let half = search.side / 2
        let inside = Measure(Self.pixels(search, at: gap.place, from: 0, to: 0.75 * half))
        let outer = min(lattice.pitch - half, 1.6 * half)
        let bars = Measure(Self.pixels(search, at: gap.place, from: half + 0.2 * (lattice.pitch - 2 * half), to: outer))
        let usualRise = usual.level.median - usual.bar
        guard !inside.values.isEmpty, !bars.values.isEmpty, inside.median > bars.median + 0.04 * usualRise,
            inside.median > bars.median + 1.5 * bars.deviation
        else { return nil }
        let place = gap.place
        return FoundItem(
            x: place.x, y: place.y, size: usual.area.squareRoot(), class: .dark, mean: mean(inside.mean, at: place), score: 0.1,
            row: gap.node.j,
            column: gap.node.i)
    }

    /// Pixels well within a window: the mesh says how it is turned; a piece has its own.
    private static func inside(_ sight: SquareSearch.Sight, _ search: SquareSearch) -> [Float] {
        if Double(sight.pixels.count) < 0.6 * search.side * search.side || sight.isCut {
            return sight.pixels.map { search.evened.pixels[$0] }
        }
        return pixels(search, at: sight.place, from: 0, to: min(0.4 * search.side, max(1, search.side / 2 - 2.5)))
    }

    /// Pixels between two squares of these half sides, or two discs where no mesh tells the turn.
    private static func pixels(_ search: SquareSearch, at place: PixelShift, from inner: Double, to outer: Double) -> [Float] {
        let reach = Int(1.5 * outer) + 1
        let turn = search.lattice.map { PixelShift(x: $0.a.x / $0.a.length, y: $0.a.y / $0.a.length) }
        var values: [Float] = []
        for y in Int(place.y) - reach...Int(place.y) + reach {
            for x in Int(place.x) - reach...Int(place.x) + reach where search.evened.contains(x: x, y: y) {
                let (dx, dy) = (Double(x) - place.x, Double(y) - place.y)
                var distance = (dx * dx + dy * dy).squareRoot()
                // The corners are round.
                if inner == 0 && distance > 1.2 * outer { continue }
                if let turn { distance = max(abs(dx * turn.x + dy * turn.y), abs(dy * turn.x - dx * turn.y)) }
                if distance >= inner && distance <= outer { values.append(search.evened[x, y]) }
            }
        }
        return values
    }
}
