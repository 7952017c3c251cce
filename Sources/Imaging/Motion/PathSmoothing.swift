import Glibc

/// A path between what was measured and what a specimen under a beam can do.
///
/// Second differences of the path are taken for Gaussian, wider over the first frames, where the beam sets the specimen in motion; jitter
/// is added to the path and noise to the measurement. How restless the specimen is, and how much of the scatter is jitter, is what makes
/// the measured second differences likeliest, given the noise that the correlations had. Where frames are measured well, or the specimen
/// is restless, next to nothing is smoothed.
struct PathSmoothing {
    /// Variance of one coordinate's measurement, square pixels.
    private let noise: Double
    private let path: [PixelShift]

    /// With fewer frames there is nothing to judge by.
    private static let fewestFrames = 5

    /// `uncertainty`: standard deviation of one coordinate, pixels.
    static func smooth(_ path: [PixelShift], uncertainty: Double) -> [PixelShift] {
        guard path.count >= fewestFrames, uncertainty > 1e-3, uncertainty.isFinite else { return path }
        return PathSmoothing(noise: uncertainty * uncertainty, path: path).smoothed()
    }

    private func smoothed() -> [PixelShift] {
        var best: (likelihood: Double, solution: [PixelShift]) = (-.infinity, path)
        for restless in stride(from: -8.0, through: 6, by: 1) {
            for jitter in [0, 0.03, 0.1, 0.3, 1, 3, 10] {
                let (likelihood, solution) = solve(restless: exp2(restless) * noise, jitter: jitter * noise)
                if likelihood > best.likelihood { best = (likelihood, solution) }
            }
        }
        return best.solution
    }

    /// D y has the covariance M = Q + (noise + jitter) D Dᵀ, with D the second differences; the noise in y is then noise · Dᵀ M⁻¹ D y.
    private func solve(restless: Double, jitter: Double) -> (likelihood: Double, [PixelShift]) {
        let count = path.count - 2
        let spread = noise + jitter
        let factor = BandedCholesky(
            diagonal: (0..<count).map { restless * Self.early($0) + 6 * spread }, first: -4 * spread, second: spread)
        let bends = (0..<count).map { i in
            SIMD2(path[i].x - 2 * path[i + 1].x + path[i + 2].x, path[i].y - 2 * path[i + 1].y + path[i + 2].y)
        }
        let solved = factor.solve(bends)
        let squares = zip(bends, solved).reduce(0.0) { $0 + ($1.0 * $1.1).sum() }
        var result = path
        for (i, value) in solved.enumerated() {
            for (k, weight) in [1.0, -2, 1].enumerated() {
                result[i + k].x -= noise * weight * value.x
                result[i + k].y -= noise * weight * value.y
            }
        }
        // Two coordinates share the covariance, so its determinant counts twice.
        return (-0.5 * squares - factor.logDeterminant, result)
    }

    /// The early jump is real: it must not be ironed out for the sake of the later frames.
    private static func early(_ bend: Int) -> Double { 1 + 50 * exp(-Double(bend)) }
}

/// L Lᵀ of a symmetric matrix with two diagonals on each side, both of one value.
private struct BandedCholesky {
    private var rows: [(two: Double, one: Double, own: Double)] = []

    init(diagonal: [Double], first: Double, second: Double) {
        for i in diagonal.indices {
            let two = i > 1 ? second / rows[i - 2].own : 0
            let one = i > 0 ? (first - two * rows[i - 1].one) / rows[i - 1].own : 0
            rows.append((two, one, max(diagonal[i] - two * two - one * one, 1e-30).squareRoot()))
        }
    }

    var logDeterminant: Double { 2 * rows.reduce(0) { $0 + log($1.own) } }

    func solve(_ right: [SIMD2<Double>]) -> [SIMD2<Double>] {
        var x = right
        for i in x.indices {
            if i > 0 { x[i] -= rows[i].one * x[i - 1] }
            if i > 1 { x[i] -= rows[i].two * x[i - 2] }
            x[i] /= rows[i].own
        }
        for i in x.indices.reversed() {
            if i + 1 < x.count { x[i] -= rows[i + 1].one * x[i + 1] }
            if i + 2 < x.count { x[i] -= rows[i + 2].two * x[i + 2] }
            x[i] /= rows[i].own
        }
        return x
    }
}
