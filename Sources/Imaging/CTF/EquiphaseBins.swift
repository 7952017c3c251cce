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

    /// Rows are shared out to this many pieces whatever the machine has, so that sums come out the same everywhere.
    private static let pieces = 4

    init(_ flat: FlattenedSpectrum, model: CTFModel) {
        var ring = model
        ring.defocusU = model.meanDefocus
        ring.defocusV = model.meanDefocus
        self.ring = ring
        step = flat.step
        let sums = Parallel.values(Self.pieces) { [ring] in Sums(flat, model: model, ring: ring, every: Self.pieces, from: $0) }
        let whole = sums.dropFirst().reduce(into: sums[0]) { $0.add($1) }
        counts = whole.counts
        sectors = whole.sectors
        means = zip(whole.sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 }
        deviations = zip(zip(whole.sums, whole.squares), counts).map { values, count in
            count > 1 ? max(0, values.1 / count - values.0 / count * values.0 / count).squareRoot() : 0
        }
    }

    /// Of some of the rows.
    private struct Sums {
        var sums: [Double]
        var squares: [Double]
        var counts: [Double]
        var sectors: [(sums: [Double], counts: [Double])]

        init(_ flat: FlattenedSpectrum, model: CTFModel, ring: CTFModel, every: Int, from first: Int) {
            let middle = flat.residual.width / 2
            let none = [Double](repeating: 0, count: middle)
            (sums, squares, counts) = (none, none, none)
            sectors = Array(repeating: (sums: none, counts: none), count: 8)
            let (cos2, sin2) = (cos(2 * model.angle), sin(2 * model.angle))
            let half = (model.defocusU - model.defocusV) / 2
            flat.residual.pixels.withUnsafeBufferPointer { pixels in
                for dy in stride(from: 2 + first, to: middle, by: every) {
                    for dx in -middle + 1..<middle where abs(dx) > 1 {
                        let square = Double(dx * dx + dy * dy)
                        let aligned = (Double(dx * dx - dy * dy) * cos2 + Double(2 * dx * dy) * sin2) / square
                        let g2 = EquiphaseBins.ringSquare(
                            square * flat.step * flat.step, defocus: model.meanDefocus + half * aligned, ring: ring)
                        // Half a pixel is added for rounding to the nearest: the library's `rounded` is a call.
                        let bin = Int(g2.squareRoot() / flat.step + 0.5)
                        guard bin < middle else { continue }
                        add(Double(pixels[(middle + dy) * 2 * middle + middle + dx]), bin, EquiphaseBins.sector(dx, dy))
                    }
                }
            }
        }

        private mutating func add(_ value: Double, _ bin: Int, _ sector: Int) {
            sums[bin] += value
            squares[bin] += value * value
            counts[bin] += 1
            sectors[sector].sums[bin] += value
            sectors[sector].counts[bin] += 1
        }

        mutating func add(_ other: Sums) {
            for bin in sums.indices {
                sums[bin] += other.sums[bin]
                squares[bin] += other.squares[bin]
                counts[bin] += other.counts[bin]
                for sector in sectors.indices {
                    sectors[sector].sums[bin] += other.sectors[sector].sums[bin]
                    sectors[sector].counts[bin] += other.sectors[sector].counts[bin]
                }
            }
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
    var ringWidths: [Double] { ring.ringWidths(step: step, count: means.count) }

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

extension CTFModel {
    /// Pixels of a spectrum from one zero of the transfer to the next, at each of `count` frequencies `step` apart.
    func ringWidths(step: Double, count: Int) -> [Double] {
        (0..<count).map { bin in
            let g = Double(bin) * step
            let slope = 2 * wavelength * g * abs(meanDefocus - wavelength * wavelength * cs * g * g)
            return slope > 0 ? min(Double(count), 1 / slope / step) : Double(count)
        }
    }
}
