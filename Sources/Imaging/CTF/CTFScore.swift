import Glibc

/// Correlates a flattened spectrum with |CTF|, in two dimensions or along the radius only.
///
/// χ/π of a sample is  a·(mean + x·cos 2α + y·sin 2α) + b ; a, b and the angles are worked out once.
struct CTFScore {
    /// Eight samples side by side.
    private struct Lane {
        var amplitude, a, b, cosine, sine, weight: SIMD8<Float>
    }

    private var lanes: [Lane] = []
    /// χ/π without defocus, but for the part that grows with g⁴: worked out once, it takes an arc sine.
    private let constant: Float
    /// The factor of g⁴ in χ/π.
    private let bend: Float
    private(set) var count = 0
    private var norm = 0.0

    /// Every pixel of a half plane between the coarsest and the finest detail; `weights` by distance from the middle.
    init(_ flat: FlattenedSpectrum, settings: CTFSettings, finest: Double, weights: [Float]? = nil) {
        let middle = flat.residual.width / 2
        let (inner, outer) = Self.limits(settings, finest, flat.step)
        let wave = settings.model(mean: 0, x: 0, y: 0)
        (constant, bend) = Self.parts(wave)
        for dy in 2..<min(middle, Int(outer) + 1) {
            for dx in -middle + 1..<middle where abs(dx) > 1 {
                let square = Double(dx * dx + dy * dy)
                guard square >= inner * inner, square <= outer * outer else { continue }
                let weight = weights.map { $0[min(Int(square.squareRoot().rounded()), $0.count - 1)] } ?? 1
                guard weight > 0 else { continue }
                append(
                    flat.residual[middle + dx, middle + dy], square: square * flat.step * flat.step,
                    dx: Double(dx), dy: Double(dy), wave: wave, weight: weight)
            }
        }
    }

    /// Averages over narrow sectors: a small part of the samples, which keep their rings also where astigmatism is strong.
    init(sectors: Int, of flat: FlattenedSpectrum, settings: CTFSettings, finest: Double) {
        let middle = flat.residual.width / 2
        let (inner, outer) = Self.limits(settings, finest, flat.step)
        let wave = settings.model(mean: 0, x: 0, y: 0)
        (constant, bend) = Self.parts(wave)
        var sums = [Float](repeating: 0, count: sectors * middle)
        var counts = sums
        for dy in 2..<min(middle, Int(outer) + 1) {
            for dx in -middle + 1..<middle where abs(dx) > 1 {
                let radius = Double(dx * dx + dy * dy).squareRoot()
                guard radius >= inner, radius <= outer else { continue }
                let sector = min(sectors - 1, Int(atan2(Double(dy), Double(dx)) / .pi * Double(sectors)))
                sums[sector * middle + Int(radius.rounded())] += flat.residual[middle + dx, middle + dy]
                counts[sector * middle + Int(radius.rounded())] += 1
            }
        }
        for at in sums.indices where counts[at] > 0 {
            let direction = (Double(at / middle) + 0.5) / Double(sectors) * .pi
            let g = Double(at % middle) * flat.step
            append(
                sums[at] / counts[at], square: g * g, dx: cos(direction), dy: sin(direction), wave: wave, weight: counts[at])
        }
    }

    private static func parts(_ wave: CTFModel) -> (constant: Float, bend: Float) {
        let bend = -0.5 * wave.wavelength * wave.wavelength * wave.wavelength * wave.cs
        return (Float(wave.constantPhase / .pi), Float(bend))
    }

    private static func limits(_ settings: CTFSettings, _ finest: Double, _ step: Double) -> (Double, Double) {
        (1 / settings.coarsest / step, 1 / finest / step)
    }

    /// Lanes that are not filled keep weight and amplitude 0.
    private mutating func append(
        _ value: Float, square g2: Double, dx: Double, dy: Double, wave: CTFModel, weight: Float = 1
    ) {
        let slot = count % 8
        if slot == 0 { lanes.append(Lane(amplitude: .zero, a: .zero, b: .zero, cosine: .zero, sine: .zero, weight: .zero)) }
        let last = lanes.count - 1
        let radius = dx * dx + dy * dy
        lanes[last].amplitude[slot] = value
        lanes[last].weight[slot] = weight
        lanes[last].a[slot] = Float(wave.wavelength * g2)
        lanes[last].b[slot] = bend * Float(g2 * g2) + constant
        lanes[last].cosine[slot] = Float((dx * dx - dy * dy) / radius)
        lanes[last].sine[slot] = Float(2 * dx * dy / radius)
        norm += Double(value * value * weight)
        count += 1
    }

    /// Σ A·|CTF| / √(ΣA²·Σ|CTF|²), with defocus `mean` and half the astigmatism as the vector (`x`, `y`) of the doubled angle.
    func value(mean: Double, x: Double = 0, y: Double = 0) -> Double {
        let (d, dx, dy) = (Float(mean), Float(x), Float(y))
        var product = SIMD8<Float>.zero
        var square = SIMD8<Float>.zero
        lanes.withUnsafeBufferPointer { lanes in
            for lane in lanes {
                let phase = lane.a * (d + dx * lane.cosine + dy * lane.sine) + lane.b
                let ctf = Self.absoluteSine(phase)
                let weighted = ctf * lane.weight
                product += lane.amplitude * weighted
                square += ctf * weighted
            }
        }
        let scale = (norm * Double(square.sum())).squareRoot()
        return scale > 0 ? Double(product.sum()) / scale : 0
    }

    /// |sin πt|: the nearest whole number is taken off by adding and taking away 1.5·2²³, the rest is a series good to 4·10⁻⁶.
    @inline(__always)
    private static func absoluteSine(_ t: SIMD8<Float>) -> SIMD8<Float> {
        let shift = SIMD8<Float>(repeating: 12_582_912)
        let r = t - ((t + shift) - shift)
        let q = r * r
        let series: SIMD8<Float> = q * (q * (q * (q * 0.082145885 - 0.5992645) + 2.550164) - 5.1677127) + 3.1415927
        let s = r * series
        return pointwiseMax(s, -s)
    }
}

/// Means over rings one pixel wide around the middle of a spectrum.
struct RadialAverage {
    let means: [Float]

    init(_ plane: Image) {
        let middle = plane.width / 2
        var sums = [Double](repeating: 0, count: middle)
        var counts = sums
        for y in 0..<plane.height {
            for x in 0..<plane.width {
                let (dx, dy) = (x - middle, y - middle)
                guard abs(dx) > 1, abs(dy) > 1 else { continue }
                let radius = Double(dx * dx + dy * dy).squareRoot()
                let bin = Int(radius)
                let share = radius - Double(bin)
                if bin < middle {
                    sums[bin] += Double(plane[x, y]) * (1 - share)
                    counts[bin] += 1 - share
                }
                if bin + 1 < middle {
                    sums[bin + 1] += Double(plane[x, y]) * share
                    counts[bin + 1] += share
                }
            }
        }
        means = zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 }
    }
}
