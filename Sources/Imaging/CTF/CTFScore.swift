import Glibc

/// Correlates a flattened spectrum with |CTF|, in two dimensions or along the radius only.
///
/// χ/π of a sample is  λ·(mean·g² + x·g²·cos 2α + y·g²·sin 2α) + bend·g⁴ + constant ; all but defocus is worked out once.
struct CTFScore {
    /// Eight samples side by side: g², its parts by the doubled angle, and what was measured there. Places left over weigh 0.
    private struct Lane {
        var square, cosine, sine, amplitude, weight: SIMD8<Float>
    }

    private let lanes: [Lane]
    private let wave: Wave
    private let norm: Double

    /// What of χ/π no fit changes.
    private struct Wave {
        let length: Float
        /// The factor of g⁴.
        let bend: Float
        let constant: Float

        init(_ model: CTFModel) {
            length = Float(model.wavelength)
            bend = Float(-0.5 * model.wavelength * model.wavelength * model.wavelength * model.cs)
            constant = Float(model.constantPhase / .pi)
        }
    }

    /// Shorter scores are done before a second thread is awake.
    private static let shared = 12_000

    /// Every pixel of a half plane between the coarsest and the finest detail.
    init(_ flat: FlattenedSpectrum, settings: CTFSettings, finest: Double) {
        let middle = flat.residual.width / 2
        let limits = Self.limits(settings, finest, flat.step)
        let rows = 2..<max(3, min(middle, Int(limits.upperBound) + 1))
        let lanes = Parallel.values(rows.count) { Self.row(rows.lowerBound + $0, of: flat, within: limits) }
        self.init(lanes: lanes.flatMap { $0 }, settings: settings)
    }

    /// Means over narrow sectors: a small part of the samples, which keep their rings also where astigmatism is strong.
    init(sectors: Int, of flat: FlattenedSpectrum, settings: CTFSettings, finest: Double) {
        let middle = flat.residual.width / 2
        let limits = Self.limits(settings, finest, flat.step)
        var sums = [Float](repeating: 0, count: sectors * middle)
        var counts = sums
        for dy in 2..<min(middle, Int(limits.upperBound) + 1) {
            for dx in -middle + 1..<middle where abs(dx) > 1 {
                let radius = Double(dx * dx + dy * dy).squareRoot()
                guard limits.contains(radius) else { continue }
                let sector = min(sectors - 1, Int(atan2(Double(dy), Double(dx)) / .pi * Double(sectors)))
                sums[sector * middle + Int(radius.rounded())] += flat.residual[middle + dx, middle + dy]
                counts[sector * middle + Int(radius.rounded())] += 1
            }
        }
        let filled = sums.indices.filter { counts[$0] > 0 }
        let lanes = stride(from: 0, to: filled.count, by: 8).map { first in
            var lane = Lane(square: .zero, cosine: .zero, sine: .zero, amplitude: .zero, weight: .zero)
            for (place, at) in filled[first..<min(first + 8, filled.count)].enumerated() {
                let direction = 2 * (Double(at / middle) + 0.5) / Double(sectors) * .pi
                let g = Double(at % middle) * flat.step
                lane.square[place] = Float(g * g)
                lane.cosine[place] = Float(g * g * cos(direction))
                lane.sine[place] = Float(g * g * sin(direction))
                lane.amplitude[place] = sums[at] / counts[at]
                lane.weight[place] = counts[at]
            }
            return lane
        }
        self.init(lanes: lanes, settings: settings)
    }

    private init(lanes: [Lane], wave: Wave) {
        self.lanes = lanes
        self.wave = wave
        norm = lanes.reduce(0) { $0 + Double(($1.amplitude * $1.amplitude * $1.weight).sum()) }
    }

    private init(lanes: [Lane], settings: CTFSettings) {
        self.init(lanes: lanes, wave: Wave(settings.model(mean: 0, x: 0, y: 0)))
    }

    /// The same samples, `weights` given by distance from the middle in steps of `step`; what weighs nothing is left out.
    func weighted(by weights: [Float], step: Double) -> CTFScore {
        let scale = Float(1 / step)
        let kept = lanes.compactMap { lane -> Lane? in
            var lane = lane
            let radii = lane.square.squareRoot() * scale + 0.5
            for place in 0..<8 { lane.weight[place] *= weights[min(Int(radii[place]), weights.count - 1)] }
            return lane.weight.max() > 0 ? lane : nil
        }
        return CTFScore(lanes: kept, wave: wave)
    }

    /// In pixels from the middle.
    private static func limits(_ settings: CTFSettings, _ finest: Double, _ step: Double) -> ClosedRange<Double> {
        1 / settings.coarsest / step...1 / finest / step
    }

    private static func row(_ dy: Int, of flat: FlattenedSpectrum, within limits: ClosedRange<Double>) -> [Lane] {
        let middle = flat.residual.width / 2
        let reach = min(middle - 1, Int(limits.upperBound))
        let (inner, outer) = (limits.lowerBound * limits.lowerBound, limits.upperBound * limits.upperBound)
        let scale = Float(flat.step * flat.step)
        return stride(from: -reach, through: reach, by: 8).compactMap { first in
            var (amplitude, weight) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
            for place in 0..<min(8, reach + 1 - first) {
                let dx = first + place
                let square = Double(dx * dx + dy * dy)
                guard abs(dx) > 1, square >= inner, square <= outer else { continue }
                amplitude[place] = flat.residual.pixels[(middle + dy) * 2 * middle + middle + dx]
                weight[place] = 1
            }
            guard weight.max() > 0 else { return nil }
            let dx = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7) + Float(first)
            let (xx, yy) = (dx * dx, Float(dy * dy))
            return Lane(
                square: (xx + yy) * scale, cosine: (xx - yy) * scale, sine: dx * (Float(2 * dy) * scale), amplitude: amplitude,
                weight: weight)
        }
    }

    /// Σ A·|CTF| / √(ΣA²·Σ|CTF|²), with defocus `mean` and half the astigmatism as the vector (`x`, `y`) of the doubled angle.
    func value(mean: Double, x: Double = 0, y: Double = 0) -> Double {
        let defocus = SIMD3(Float(mean), Float(x), Float(y)) * wave.length
        // Pieces do not depend on the number of cores, so sums come out the same everywhere.
        let pieces = lanes.count < Self.shared ? 1 : 4
        let sums =
            pieces == 1
            ? [sums(0..<lanes.count, defocus)]
            : Parallel.values(pieces) { piece in
                self.sums(lanes.count * piece / pieces..<lanes.count * (piece + 1) / pieces, defocus)
            }
        let sum = sums.reduce(SIMD2<Double>.zero, +)
        let scale = (norm * sum.y).squareRoot()
        return scale > 0 ? sum.x / scale : 0
    }

    /// Σ A·|CTF| and Σ|CTF|² over some lanes.
    private func sums(_ range: Range<Int>, _ defocus: SIMD3<Float>) -> SIMD2<Double> {
        var product = SIMD8<Float>.zero
        var square = SIMD8<Float>.zero
        lanes.withUnsafeBufferPointer { lanes in
            for at in range {
                let lane = lanes[at]
                let ctf = Self.absoluteSine(
                    lane.square * (lane.square * wave.bend + defocus.x) + lane.cosine * defocus.y + lane.sine * defocus.z
                        + wave.constant)
                let weighted = ctf * lane.weight
                product += lane.amplitude * weighted
                square += ctf * weighted
            }
        }
        return SIMD2(Double(product.sum()), Double(square.sum()))
    }

    /// |sin πt|: the nearest whole number is taken off by adding and taking away 1.5·2²³, the rest is a series good to 4·10⁻⁶.
    @inline(__always)
    private static func absoluteSine(_ t: SIMD8<Float>) -> SIMD8<Float> {
        let shift = SIMD8<Float>(repeating: 12_582_912)
        let r = t - ((t + shift) - shift)
        let q = r * r
        let series: SIMD8<Float> = q * (q * (q * (q * 0.082145885 - 0.5992645) + 2.550164) - 5.1677127) + 3.1415927
        // The sign bit goes by hand: the library's `max` of vectors is a call.
        let bits = unsafeBitCast(r * series, to: SIMD8<UInt32>.self) & SIMD8(repeating: 0x7FFF_FFFF)
        return unsafeBitCast(bits, to: SIMD8<Float>.self)
    }
}
