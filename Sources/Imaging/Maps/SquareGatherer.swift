/// Puts together what belongs to one window: whole patches as they are, and pieces by the node they lie at.
struct SquareGatherer {
    let width: Int
    let height: Int
    let side: Double
    let lattice: Lattice?

    func sights(whole: [BrightPatches.Patch], others: [BrightPatches.Patch]) -> [SquareSearch.Sight] {
        let nodes = Dictionary(uniqueKeysWithValues: (lattice?.members ?? [:]).map { ($1, $0) })
        let seen = whole.enumerated().map { k, patch in
            SquareSearch.Sight(
                place: PixelShift(x: patch.component.x, y: patch.component.y), pixels: patch.component.pixels,
                squareness: patch.squareness, isCut: false, node: nodes[k])
        }
        let left = rest(others, beyond: whole)
        guard let lattice else { return seen + left.filter { $0.area < 2.5 * side * side }.map { sight($0, node: nil) } }
        return seen + pieces(left, lattice, taken: Set(nodes.values))
    }

    /// What of the other patches no whole one covers.
    private func rest(_ others: [BrightPatches.Patch], beyond whole: [BrightPatches.Patch]) -> [BrightPatches.Patch] {
        var covered = [Bool](repeating: false, count: width * height)
        for patch in whole { for i in patch.component.pixels { covered[i] = true } }
        return others.compactMap { patch in
            var patch = patch
            let before = patch.area
            patch.component.pixels.removeAll { covered[$0] }
            // A rim around a whole one is its blur.
            return patch.area > max(0.12 * side * side, min(0.4 * before, side * side)) ? patch : nil
        }
    }

    private func sight(_ patch: BrightPatches.Patch, node: Lattice.Node?) -> SquareSearch.Sight {
        SquareSearch.Sight(
            place: middle(patch.component.pixels), pixels: patch.component.pixels, squareness: patch.squareness,
            isCut: !patch.isWhole, node: node)
    }

    private func middle(_ pixels: [Int]) -> PixelShift {
        let sum = pixels.reduce((x: 0, y: 0)) { ($0.x + $1 % width, $0.y + $1 / width) }
        return PixelShift(x: Double(sum.x) / Double(pixels.count), y: Double(sum.y) / Double(pixels.count))
    }

    /// Each pixel goes to the node whose window it lies in; those between windows, where a bar is gone, to none.
    private func pieces(
        _ patches: [BrightPatches.Patch], _ lattice: Lattice, taken: Set<Lattice.Node>
    ) -> [SquareSearch.Sight] {
        var gathered: [Lattice.Node: [Int]] = [:]
        var loose: [SquareSearch.Sight] = []
        for patch in patches {
            for i in patch.component.pixels {
                let pixel = PixelShift(x: Double(i % width), y: Double(i / width))
                guard let node = lattice.node(near: pixel), !taken.contains(node.node),
                    lattice.isWithin(0.5 * side + 1, of: node.place, pixel)
                else { continue }
                gathered[node.node, default: []].append(i)
            }
        }
        for node in gathered.keys.sorted(by: { ($0.j, $0.i) < ($1.j, $1.i) }) {
            guard let pixels = gathered[node], Double(pixels.count) > 0.15 * side * side,
                let place = lattice.expectedPlace(of: node)
            else { continue }
            let isMost = Double(pixels.count) > 0.6 * side * side
            loose.append(
                SquareSearch.Sight(
                    place: isMost ? place : middle(pixels), pixels: pixels, squareness: isMost ? 0.9 : 0.5,
                    isCut: isCut(place, lattice), node: node))
        }
        return loose
    }

    /// Whether the edge of the image cuts the window at a place.
    private func isCut(_ place: PixelShift, _ lattice: Lattice) -> Bool {
        let turn = lattice.a
        let half = side / 2 * (abs(turn.x) + abs(turn.y)) / turn.length - 1
        return place.x < half || place.y < half || place.x > Double(width) - 1 - half || place.y > Double(height) - 1 - half
    }
}
