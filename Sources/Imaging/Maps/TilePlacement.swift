/// Where the tiles of a montage lie: the places that agree best with what their overlaps show.
struct TilePlacement {
    let places: [PixelShift]

    /// How much further apart two tiles are than they are said to be.
    private struct Link {
        let first: Int
        let second: Int
        var shift: PixelShift
        var weight: Double
        /// An overlap without anything to see holds its tiles together only where nothing else does.
        static let unseen = 1e-3
    }

    init(_ tiles: [Montage.Tile], farthest: Double) {
        let first = Self.steps(tiles, farthest: farthest)
        let moved = zip(tiles, first).map { tile, step in
            Montage.Tile(image: tile.image, x: tile.x + Int(step.x.rounded()), y: tile.y + Int(step.y.rounded()))
        }
        guard moved.indices.contains(where: { moved[$0].x != tiles[$0].x || moved[$0].y != tiles[$0].y }) else {
            places = zip(tiles, first).map { PixelShift(x: Double($0.x) + $1.x, y: Double($0.y) + $1.y) }
            return
        }
        // Strips cut where the tiles really meet show the same, edge by edge.
        let second = Self.steps(moved, farthest: 4)
        places = zip(moved, second).map { PixelShift(x: Double($0.x) + $1.x, y: Double($0.y) + $1.y) }
    }

    private static func steps(_ tiles: [Montage.Tile], farthest: Double) -> [PixelShift] {
        let pairs = pairs(tiles)
        let links = SideBySide(count: pairs.count) { k in link(tiles, pairs[k], farthest: farthest) }.values
        return solved(links, count: tiles.count)
    }

    /// Tiles that share a strip; corners that four tiles share add nothing to the strips.
    private static func pairs(_ tiles: [Montage.Tile]) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        for first in tiles.indices {
            for second in tiles.indices where second > first {
                let shared = overlap(tiles[first], tiles[second])
                guard shared.width >= 8, shared.height >= 8, max(shared.width, shared.height) >= 48 else { continue }
                let side = min(tiles[first].image.width, tiles[first].image.height)
                if max(shared.width, shared.height) > side / 2 { pairs.append((first, second)) }
            }
        }
        return pairs
    }

    private static func overlap(_ a: Montage.Tile, _ b: Montage.Tile) -> (x: Int, y: Int, width: Int, height: Int) {
        let (x, y) = (max(a.x, b.x), max(a.y, b.y))
        return (x, y, min(a.x + a.image.width, b.x + b.image.width) - x, min(a.y + a.image.height, b.y + b.image.height) - y)
    }

    private static func link(_ tiles: [Montage.Tile], _ pair: (Int, Int), farthest: Double) -> Link {
        let (a, b) = (tiles[pair.0], tiles[pair.1])
        let shared = overlap(a, b)
        let cut = { (tile: Montage.Tile) in
            tile.image.cropped(x: shared.x - tile.x, y: shared.y - tile.y, width: shared.width, height: shared.height)
        }
        let none = Link(first: pair.0, second: pair.1, shift: .zero, weight: Link.unseen)
        guard let seen = StripCorrelation.offset(of: cut(b), against: cut(a), farthest: farthest) else { return none }
        // Content further right in the second tile means that the tile itself lies further left.
        return Link(
            first: pair.0, second: pair.1, shift: PixelShift(x: -seen.shift.x, y: -seen.shift.y), weight: seen.peak * seen.peak)
    }

    /// Least squares over all links, those that contradict the others left out one after another.
    private static func solved(_ links: [Link], count: Int) -> [PixelShift] {
        var links = links
        var steps = leastSquares(links, count: count)
        for _ in links.indices {
            let misses = links.map { ((steps[$0.second] - steps[$0.first]) - $0.shift).length }
            let seen = links.indices.filter { links[$0].weight > Link.unseen }
            let spread = Spread(of: seen.map { misses[$0] })
            let limit = max(1.5, spread.median + 3 * 1.4826 * spread.distance)
            guard let worst = seen.max(by: { misses[$0] < misses[$1] }), misses[worst] > limit else { break }
            links[worst].weight = Link.unseen
            links[worst].shift = .zero
            steps = leastSquares(links, count: count)
        }
        return steps
    }

    private static func leastSquares(_ links: [Link], count: Int) -> [PixelShift] {
        var (x, y) = (NormalEquations(unknowns: count), NormalEquations(unknowns: count))
        for link in links {
            let terms = [(index: link.second, factor: 1.0), (index: link.first, factor: -1.0)]
            x.add(terms, value: link.shift.x, weight: link.weight)
            y.add(terms, value: link.shift.y, weight: link.weight)
        }
        // Only differences are measured: all together the tiles stay where they were.
        for tile in 0..<count {
            x.add([(index: tile, factor: 1.0)], value: 0, weight: 1e-6)
            y.add([(index: tile, factor: 1.0)], value: 0, weight: 1e-6)
        }
        guard let dx = x.solution(), let dy = y.solution() else { return [PixelShift](repeating: .zero, count: count) }
        return zip(dx, dy).map { PixelShift(x: $0, y: $1) }
    }
}
