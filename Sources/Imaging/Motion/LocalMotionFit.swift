/// What one patch did in one frame, against the whole frame.
struct PatchShift {
    /// −0.5 to 0.5 over the field.
    let u: Double
    let v: Double
    let patch: Int
    /// 0 to 1 over the movie.
    let time: Double
    let shift: PixelShift
}

/// The polynomial through the paths of patches, in the sense of least squares, outliers left out.
enum LocalMotionFit {
    private static let rounds = 4
    /// Residuals beyond so many standard deviations are taken for false peaks.
    private static let rejection = 3.0

    /// nil where the patches leave too little to go by.
    static func fit(_ points: [PatchShift]) -> (x: [Double], y: [Double])? {
        var kept = points
        var best: (x: [Double], y: [Double])?
        for _ in 0..<rounds {
            guard kept.count > 3 * LocalMotion.terms, let fit = solve(kept) else { return best }
            best = fit
            let residuals = residuals(kept, fit)
            let deviation = (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot()
            let next = zip(kept, residuals).filter { $1 <= rejection * deviation }.map(\.0)
            if next.count == kept.count { break }
            kept = next
        }
        return best
    }

    /// Every patch may have an offset of its own, which is the noise of its first frame: only what changes is fitted.
    private static func centred(_ points: [PatchShift]) -> [(basis: [Double], shift: PixelShift)] {
        let groups = Dictionary(grouping: points, by: \.patch)
        return groups.keys.sorted().flatMap { patch in
            let rows = (groups[patch] ?? []).map { (LocalMotion.basis(u: $0.u, v: $0.v, t: $0.time), $0.shift) }
            let count = Double(rows.count)
            let basis = (0..<LocalMotion.terms).map { k in rows.reduce(0) { $0 + $1.0[k] } / count }
            let shift = rows.reduce(PixelShift.zero) { $0 + $1.1 }
            return rows.map { row in
                (zip(row.0, basis).map { $0 - $1 }, row.1 - PixelShift(x: shift.x / count, y: shift.y / count))
            }
        }
    }

    private static func solve(_ points: [PatchShift]) -> (x: [Double], y: [Double])? {
        let count = LocalMotion.terms
        var matrix = [Double](repeating: 0, count: count * count)
        var (x, y) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for (basis, shift) in centred(points) {
            for i in 0..<count {
                x[i] += basis[i] * shift.x
                y[i] += basis[i] * shift.y
                for j in 0..<count { matrix[i * count + j] += basis[i] * basis[j] }
            }
        }
        return cholesky(matrix, x, y)
    }

    private static func residuals(_ points: [PatchShift], _ fit: (x: [Double], y: [Double])) -> [Double] {
        let sorted = centred(points)
        let lengths = sorted.map { basis, shift in
            let dot = { (a: [Double]) in zip(a, basis).reduce(0) { $0 + $1.0 * $1.1 } }
            return (shift - PixelShift(x: dot(fit.x), y: dot(fit.y))).length
        }
        // Centred points come patch by patch, in the order of the patches; so are `points`.
        return lengths
    }

    private static func cholesky(_ matrix: [Double], _ x: [Double], _ y: [Double]) -> (x: [Double], y: [Double])? {
        let n = x.count
        var l = matrix
        for j in 0..<n {
            for k in 0..<j { l[j * n + j] -= l[j * n + k] * l[j * n + k] }
            // Too few frames or patches for so many terms.
            guard l[j * n + j] > 1e-12 * max(matrix[j * n + j], 1e-12) else { return nil }
            l[j * n + j].formSquareRoot()
            for i in j + 1..<max(n, j + 1) {
                for k in 0..<j { l[i * n + j] -= l[i * n + k] * l[j * n + k] }
                l[i * n + j] /= l[j * n + j]
            }
        }
        return (back(l, x), back(l, y))
    }

    private static func back(_ l: [Double], _ right: [Double]) -> [Double] {
        let n = right.count
        var x = right
        for i in 0..<n {
            for k in 0..<i { x[i] -= l[i * n + k] * x[k] }
            x[i] /= l[i * n + i]
        }
        for i in (0..<n).reversed() {
            for k in i + 1..<max(n, i + 1) { x[i] -= l[k * n + i] * x[k] }
            x[i] /= l[i * n + i]
        }
        return x
    }
}
