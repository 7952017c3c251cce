/// Weighted least squares for a few unknowns: Σ w (Σ cᵢ uᵢ − value)² is made least.
struct NormalEquations {
    private var matrix: [Double]
    private var right: [Double]
    private let count: Int

    init(unknowns: Int) {
        count = unknowns
        matrix = [Double](repeating: 0, count: unknowns * unknowns)
        right = [Double](repeating: 0, count: unknowns)
    }

    mutating func add(_ terms: [(index: Int, factor: Double)], value: Double, weight: Double = 1) {
        for a in terms {
            right[a.index] += weight * a.factor * value
            for b in terms { matrix[a.index * count + b.index] += weight * a.factor * b.factor }
        }
    }

    mutating func add(_ factors: [Double], value: Double, weight: Double = 1) {
        add(factors.enumerated().map { ($0, $1) }, value: value, weight: weight)
    }

    /// nil where the sums do not fix every unknown.
    func solution() -> [Double]? {
        var (m, r) = (matrix, right)
        let largest = matrix.reduce(0) { max($0, abs($1)) }
        for column in 0..<count {
            // The range holds `column` itself.
            let pivot = (column..<count).max { abs(m[$0 * count + column]) < abs(m[$1 * count + column]) }!
            guard abs(m[pivot * count + column]) > 1e-11 * largest else { return nil }
            if pivot != column {
                for k in 0..<count { m.swapAt(pivot * count + k, column * count + k) }
                r.swapAt(pivot, column)
            }
            for row in column + 1..<count {
                let factor = m[row * count + column] / m[column * count + column]
                guard factor != 0 else { continue }
                for k in column..<count { m[row * count + k] -= factor * m[column * count + k] }
                r[row] -= factor * r[column]
            }
        }
        for row in stride(from: count - 1, through: 0, by: -1) {
            for k in row + 1..<count { r[row] -= m[row * count + k] * r[k] }
            r[row] /= m[row * count + row]
        }
        return r
    }
}
