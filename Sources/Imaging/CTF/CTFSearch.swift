import Glibc

/// Climbs to the best score in mean defocus and the vector of the doubled angle, which has no seam at zero astigmatism.
enum CTFSearch {
    /// Å between the astigmatisms that are tried: rings near 7 Å are then out of step by a quarter at most.
    private static let astigmatismStep = 600.0
    private static let defocusStep = 100.0
    private static let kept = 8

    /// Looks everywhere: coarsely in sectors, then with all pixels from the best places.
    static func everywhere(_ flat: FlattenedSpectrum, score: CTFScore, settings: CTFSettings, finest: Double) -> Simplex.Peak {
        let coarse = CTFScore(sectors: 12, of: flat, settings: settings, finest: finest)
        let nodes = Self.nodes()
        let lines = Parallel.values(nodes.count) { line(nodes[$0], coarse, settings.defocus) }
        let promising = lines.flatMap { $0 }.sorted { $0.value > $1.value }.prefix(kept)
        let climbed = Parallel.values(promising.count) { index in
            Simplex.climb(from: promising[index].point, steps: [80, 150, 150], tolerance: 20, limit: 60, score.value)
        }
        // Each line has a highest place, the last of it where several are, so there is something to climb from.
        return climbed.max { $0.value < $1.value }!
    }

    /// Goes up from a place near the top.
    static func near(_ point: [Double], score: CTFScore) -> Simplex.Peak {
        Simplex.climb(from: point, steps: [30, 40, 40], tolerance: 0.5, score.value)
    }

    /// Half astigmatisms up to 1,500 Å, on a hexagonal grid.
    private static func nodes() -> [[Double]] {
        var nodes: [[Double]] = []
        for row in -3...3 {
            for column in -4...4 {
                let x = (Double(column) + 0.5 * Double(abs(row % 2))) * astigmatismStep
                let y = Double(row) * astigmatismStep * 0.75.squareRoot()
                if x * x + y * y <= 1_510 * 1_510 { nodes.append([x, y]) }
            }
        }
        return nodes
    }

    /// The peaks along the mean defocus.
    private static func line(_ node: [Double], _ coarse: CTFScore, _ range: ClosedRange<Double>) -> [Simplex.Peak] {
        let tried = Array(stride(from: range.lowerBound, through: range.upperBound, by: defocusStep))
        let scores = tried.map { coarse.value(mean: $0, x: node[0], y: node[1]) }
        return tried.indices.compactMap { i in
            let isPeak = (i == 0 || scores[i] >= scores[i - 1]) && (i + 1 == tried.count || scores[i] > scores[i + 1])
            return isPeak ? Simplex.Peak(point: [tried[i]] + node, value: scores[i]) : nil
        }
    }
}

extension CTFScore {
    func value(_ point: [Double]) -> Double { value(mean: point[0], x: point[1], y: point[2]) }
}

extension Parallel {
    /// What `make` gives for 0..<count, in order.
    static func values<Value>(_ count: Int, _ make: (Int) -> Value) -> [Value] {
        let values = [Value?](unsafeUninitializedCapacity: count) { values, filled in
            values.initialize(repeating: nil)
            filled = count
            // Each piece writes its own element only.
            nonisolated(unsafe) let target = values
            perform(count) { target[$0] = make($0) }
        }
        return values.compactMap { $0 }
    }
}
