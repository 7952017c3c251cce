/// Points sorted into cells, so that those near a place are found without looking at all of them.
struct PointGrid {
    private let points: [PixelShift]
    private let cell: Double
    private let left: Double
    private let bottom: Double
    private let columns: Int
    private let rows: Int
    /// Points of each cell, row by row.
    private var cells: [[Int]]

    /// `cell` is about the distance that is asked for.
    init(_ points: [PixelShift], cell wanted: Double) {
        self.points = points
        left = points.map(\.x).min() ?? 0
        bottom = points.map(\.y).min() ?? 0
        let span = max((points.map(\.x).max() ?? 0) - left, (points.map(\.y).max() ?? 0) - bottom)
        cell = max(wanted, span / 300, 1e-6)
        columns = Int(span / cell) + 1
        rows = columns
        cells = [[Int]](repeating: [], count: columns * rows)
        for (k, point) in points.enumerated() { cells[row(point.y) * columns + column(point.x)].append(k) }
    }

    private func column(_ x: Double) -> Int { min(max(Int((x - left) / cell), 0), columns - 1) }
    private func row(_ y: Double) -> Int { min(max(Int((y - bottom) / cell), 0), rows - 1) }

    /// Calls `body` with each point no further than `reach`, by rising number in each cell.
    @inline(__always)
    func forEach(near place: PixelShift, within reach: Double, _ body: (Int, Double) -> Void) {
        guard !points.isEmpty else { return }
        for y in row(place.y - reach)...row(place.y + reach) {
            for x in column(place.x - reach)...column(place.x + reach) {
                for k in cells[y * columns + x] {
                    let distance = (points[k] - place).length
                    if distance <= reach { body(k, distance) }
                }
            }
        }
    }

    /// The point closest to a place, the first of equals.
    func nearest(to place: PixelShift, within reach: Double) -> Int? {
        var best: (point: Int, distance: Double)?
        forEach(near: place, within: reach) { k, distance in
            if best.map({ (distance, k) < ($0.distance, $0.point) }) ?? true { best = (k, distance) }
        }
        return best?.point
    }
}
