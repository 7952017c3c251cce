/// One row of frequencies of all frames, moved back by their shifts, in memory that is used for row after row.
struct CorrelationRow {
    private let columns: Int
    private let frames: Int
    private let pitch: Int
    private let scratch: UnsafeMutablePointer<Float>

    init(columns: Int, frames: Int, scratch: UnsafeMutablePointer<Float>) {
        (self.columns, self.frames, self.scratch) = (columns, frames, scratch)
        pitch = Self.pitch(columns: columns)
    }

    /// Seven more than there are columns, for the last step of eight.
    private static func pitch(columns: Int) -> Int { columns + 8 }
    static func scratchCount(columns: Int, frames: Int) -> Int { (2 * frames + 4) * pitch(columns: columns) }

    private func real(_ frame: Int) -> UnsafeMutablePointer<Float> { scratch + 2 * frame * pitch }
    private func imaginary(_ frame: Int) -> UnsafeMutablePointer<Float> { scratch + (2 * frame + 1) * pitch }

    /// The sum of all frames lies behind the last.
    func clear() {
        real(frames).update(repeating: 0, count: pitch)
        imaginary(frames).update(repeating: 0, count: pitch)
    }

    func take(_ values: UnsafePointer<UInt32>, frame: Int, ramp: PhaseRamp, row: Int) {
        let (re, im, sumRe, sumIm) = (real(frame), imaginary(frame), real(frames), imaginary(frames))
        ramp.withRow(row) { c, s, columnsRe, columnsIm in
            for i in 1...columns {
                let value = PackedSpectrum.unpack(values[i])
                let u = columnsRe[i] * c - columnsIm[i] * s
                let v = columnsRe[i] * s + columnsIm[i] * c
                let a = value.x * u - value.y * v
                let b = value.x * v + value.y * u
                re[i] = a
                im[i] = b
                sumRe[i] += a
                sumIm[i] += b
            }
        }
    }

    /// The column kx = 0 is left out: what is there comes from the camera's rows, and stands still.
    func add(ky: Float, xStep: Float, limit: Float, weights: [Float], to sums: inout CorrelationSums) {
        let last = min(columns, Int(max(0, limit * limit - ky * ky).squareRoot() / xStep))
        guard last >= 1 else { return }
        let perRing = Float(weights.count) / limit
        let (sumRe, sumIm) = (real(frames), imaginary(frames))
        let weight = real(frames + 1)
        let bins = (0...last).map { i in
            let kx = Float(i) * xStep
            return min(weights.count - 1, Int((kx * kx + ky * ky).squareRoot() * perRing))
        }
        for i in 1...last {
            weight[i] = weights[bins[i]]
            sums.together[bins[i]] += Double(sumRe[i] * sumRe[i] + sumIm[i] * sumIm[i])
            sums.counts[bins[i]] += 1
        }
        let powers = imaginary(frames + 1)
        powers.update(repeating: 0, count: pitch)
        for frame in 0..<frames {
            correlate(frame, last: last, ky: 2 * .pi * ky, xStep: 2 * .pi * xStep, weight: weight, powers: powers, to: &sums)
        }
        for i in 1...last { sums.alone[bins[i]] += Double(powers[i]) }
    }

    private func correlate(
        _ frame: Int, last: Int, ky: Float, xStep: Float, weight: UnsafeMutablePointer<Float>,
        powers: UnsafeMutablePointer<Float>,
        to sums: inout CorrelationSums
    ) {
        let (re, im, sumRe, sumIm) = (real(frame), imaginary(frame), real(frames), imaginary(frames))
        // Eight sums side by side: Swift adds floats in the written order.
        var (s0, s1, c0, c1, c2) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
        var (n0, n1) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        let steps = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7) * xStep
        var first = 1
        while first <= last {
            let a = Self.load(re + first)
            let b = Self.load(im + first)
            let p = Self.load(sumRe + first) - a
            let q = Self.load(sumIm + first) - b
            var w = Self.load(weight + first)
            if first + 7 > last { w.replace(with: 0, where: SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7) .> Int32(last - first)) }
            let kx = steps + Float(first) * xStep
            let along = w * (p * a + q * b)
            let across = w * (q * a - p * b)
            let power = a * a + b * b
            s0 += kx * across
            s1 += across
            c0 += kx * kx * along
            c1 += along
            c2 += kx * along
            let spread = w * w * (p * p + q * q) * power * 0.5
            n0 += kx * kx * spread
            n1 += spread
            let sum = Self.load(powers + first) + power
            UnsafeMutableRawPointer(powers + first).storeBytes(of: sum, as: SIMD8<Float>.self)
            first += 8
        }
        sums.slopes[frame] += SIMD2(Double(s0.sum()), Double(ky * s1.sum()))
        sums.bends[frame] += SIMD3(Double(c0.sum()), Double(ky * ky * c1.sum()), Double(ky * c2.sum()))
        sums.noise += SIMD2(Double(n0.sum()), Double(ky * ky * n1.sum()))
    }

    @inline(__always)
    private static func load(_ pointer: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }
}
