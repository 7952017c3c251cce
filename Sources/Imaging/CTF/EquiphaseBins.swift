import Glibc

/// Averages along lines of equal phase, filed by the frequency at which a model without astigmatism has that phase.
struct EquiphaseBins {
    let means: [Float]
    /// Pixels in each bin, of a half plane.
    let counts: [Double]
    /// Sums and numbers of pixels by sector of 22.5°, then by bin.
    let sectors: [(sums: [Double], counts: [Double])]
    /// Standard deviation of single pixels within a bin.
    let deviations: [Double]
    /// The fit's mean defocus, without astigmatism.
    let ring: CTFModel
    /// 1/Å from bin to bin.
    let step: Double

    init(_ flat: FlattenedSpectrum, model: CTFModel) {
        var ring = model
        ring.defocusU = model.meanDefocus
        ring.defocusV = model.meanDefocus
        self.ring = ring
        step = flat.step
        let middle = flat.residual.width / 2
        var sums = [Double](repeating: 0, count: middle)
        var squares = sums
        var counts = [Double](repeating: 0, count: middle)
        var sectors = Array(repeating: (sums: sums, counts: sums), count: 8)
        let (cos2, sin2) = (cos(2 * model.angle), sin(2 * model.angle))
        let half = (model.defocusU - model.defocusV) / 2
        flat.residual.pixels.withUnsafeBufferPointer { pixels in
            for dy in 2..<middle {
                for dx in -middle + 1..<middle where abs(dx) > 1 {
                    let square = Double(dx * dx + dy * dy)
                    let aligned = (Double(dx * dx - dy * dy) * cos2 + Double(2 * dx * dy) * sin2) / square
                    let g2 = Self.ringSquare(
                        square * flat.step * flat.step, defocus: model.meanDefocus + half * aligned, ring: ring)
                    let place = g2.squareRoot() / flat.step
                    guard place < Double(middle) - 0.5 else { continue }
                    let bin = Int(place.rounded())
                    let value = Double(pixels[(middle + dy) * 2 * middle + middle + dx])
                    sums[bin] += value
                    squares[bin] += value * value
                    counts[bin] += 1
                    let sector = Self.sector(dx, dy)
                    sectors[sector].sums[bin] += value
                    sectors[sector].counts[bin] += 1
                }
            }
        }
        self.counts = counts
        self.sectors = sectors
        means = zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 }
        deviations = sums.indices.map { i in
            counts[i] > 1 ? max(0, squares[i] / counts[i] - sums[i] / counts[i] * sums[i] / counts[i]).squareRoot() : 0
        }
    }

    /// One number for each eighth of the half plane, in no order.
    private static func sector(_ dx: Int, _ dy: Int) -> Int {
        let isSteep = dy > abs(dx)
        let (long, short) = (Double(max(dy, abs(dx))), Double(min(dy, abs(dx))))
        return (dx < 0 ? 4 : 0) + (isSteep ? 2 : 0) + (short > 0.41421356 * long ? 1 : 0)
    }

    /// χ/π of the ring model at a bin.
    func phase(_ bin: Int) -> Double {
        ring.phase(frequency: Double(bin) * step, defocus: ring.defocusU) / .pi
    }

    /// Bins from one zero of the transfer to the next, at each bin.
    var ringWidths: [Double] {
        means.indices.map { bin in
            let g = Double(bin) * step
            let slope = 2 * ring.wavelength * g * abs(ring.defocusU - ring.wavelength * ring.wavelength * ring.cs * g * g)
            return slope > 0 ? min(Double(means.count), 1 / slope / step) : Double(means.count)
        }
    }

    /// The squared frequency u at which the ring model has the phase that defocus `defocus` gives at `g2`:
    /// D·u − ½λ²Cs·u² = Δf·g² − ½λ²Cs·g⁴, on the branch before the phase turns back.
    private static func ringSquare(_ g2: Double, defocus: Double, ring: CTFModel) -> Double {
        let c = 0.5 * ring.wavelength * ring.wavelength * ring.cs
        let phase = defocus * g2 - c * g2 * g2
        let root = ring.defocusU * ring.defocusU - 4 * c * phase
        // Past the turn, or over focus, nothing is unrolled: such pixels stay where they are.
        guard root > 0, phase > 0, ring.defocusU > 0 else { return g2 }
        return c > 0 ? (ring.defocusU - root.squareRoot()) / (2 * c) : phase / ring.defocusU
    }
}
