import Glibc

/// How the light falls off over an atlas: a smooth second-order surface through the logarithm of what squares let through.
struct LightField {
    private var terms: [Double]
    private let width: Double
    private let height: Double
    /// The squares lie within this circle; beyond it the surface would be a guess, and its rim is continued outwards.
    private var circle = (x: 0.0, y: 0.0, radius: Double.infinity)

    /// Even light.
    init(width: Int, height: Int) {
        terms = [0, 0, 0, 0, 0, 0]
        (self.width, self.height) = (Double(width), Double(height))
    }

    /// Torn and dark squares are outvoted; few squares allow a slope only, fewer nothing.
    init(width: Int, height: Int, squares: [(x: Double, y: Double, level: Double)]) {
        self.init(width: width, height: height)
        let order = squares.count >= 24 ? 6 : squares.count >= 9 ? 3 : 0
        guard order > 0 else { return }
        let logs = squares.map { log(max($0.level, 1e-9)) }
        let usual = Spread(of: logs).median
        var weights = logs.map { abs($0 - usual) < 1.5 ? 1.0 : 0 }
        for _ in 0..<12 {
            var equations = NormalEquations(unknowns: order)
            for (k, square) in squares.enumerated() {
                equations.add(Array(factors(square.x, square.y).prefix(order)), value: logs[k], weight: weights[k])
            }
            guard let solved = equations.solution() else { return }
            terms = solved + [Double](repeating: 0, count: 6 - order)
            let misses = squares.indices.map { logs[$0] - exponent(squares[$0].x, squares[$0].y) }
            let scale = max(2 * Spread(of: misses).distance, 0.03)
            // Far misses count for almost nothing, so that a torn corner of the grid does not bend the light.
            weights = misses.map { 1 / pow(1 + ($0 / scale) * ($0 / scale), 2) }
        }
        terms[0] = 0
        let n = Double(squares.count)
        let middle = (x: squares.reduce(0) { $0 + $1.x } / n, y: squares.reduce(0) { $0 + $1.y } / n)
        let reach = squares.map { PixelShift(x: $0.x - middle.x, y: $0.y - middle.y).length }.max() ?? 0
        circle = (middle.x, middle.y, reach)
    }

    /// 1 in the middle of the image.
    func light(_ x: Double, _ y: Double) -> Double {
        let (dx, dy) = (x - circle.x, y - circle.y)
        let inwards = min(1, circle.radius / max((dx * dx + dy * dy).squareRoot(), 1e-9))
        guard inwards < 1 else { return exp(min(max(exponent(x, y), -3), 3)) }
        return exp(min(max(exponent(circle.x + dx * inwards, circle.y + dy * inwards), -3), 3))
    }

    func evened(_ image: Image) -> Image {
        guard terms.contains(where: { $0 != 0 }) else { return image }
        var result = image
        for y in 0..<image.height {
            // A quadratic's logarithm changes slowly: eight pixels share one value.
            for first in stride(from: 0, to: image.width, by: 8) {
                let scale = Float(1 / light(Double(first) + 3.5, Double(y)))
                for x in first..<min(first + 8, image.width) { result.pixels[y * image.width + x] *= scale }
            }
        }
        return result
    }

    private func factors(_ x: Double, _ y: Double) -> [Double] {
        let (u, v) = (2 * x / width - 1, 2 * y / height - 1)
        return [1, u, v, u * u, u * v, v * v]
    }

    private func exponent(_ x: Double, _ y: Double) -> Double {
        let (u, v) = (2 * x / width - 1, 2 * y / height - 1)
        return terms[0] + terms[1] * u + terms[2] * v + terms[3] * u * u + terms[4] * u * v + terms[5] * v * v
    }
}
