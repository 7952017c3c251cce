import Glibc

/// Displacements to a small part of a pixel, from where a wide search has brought the frames.
///
/// Every frame is held against the sum of the others; the slope and the bend of that correlation at no shift say how far it is to its
/// peak, so that no correlation map is needed. Frequencies count by what the frames have in common there, P/(N + F·P), with P the power of
/// the specimen and N that of the noise, both measured in rings: the weight a Gaussian signal in white noise asks for.
struct ShiftRefinement {
    private let frames: [PackedSpectrum]
    /// Pixels of the movie to one of the spectra's.
    private let scale: PixelShift
    /// The highest frequency that is looked at, cycles per pixel of the spectra.
    private let limit: Double
    private(set) var shifts: [PixelShift]
    /// Standard deviation of each shift along an axis, pixels of the movie, as the noise of the correlations tells.
    private(set) var uncertainty = 0.0

    private static let passes = 12
    /// Cycles per pixel of the movie: what is finer has no signal in a single frame.
    private static let finest = 0.25
    /// Pixels of the movie by which the last pass may still change frames.
    private static let settled = 0.01
    /// A longer step than this is beyond what slope and bend can tell.
    private static let longestStep = 0.7

    init(_ frames: [PackedSpectrum], movieWidth: Int, movieHeight: Int, limit: Double, from shifts: [PixelShift]) {
        self.frames = frames
        self.limit = limit
        scale = PixelShift(
            x: Double(movieWidth) / Double(frames[0].width), y: Double(movieHeight) / Double(frames[0].height))
        self.shifts = shifts
    }

    /// In cycles per pixel of a spectrum of this width.
    static func limit(movieWidth: Int, spectrumWidth: Int) -> Double {
        min(0.5, finest * Double(movieWidth) / Double(spectrumWidth))
    }

    mutating func run() {
        var weights = RingWeights.gaussian(rings: rings, limit: limit / scale.x)
        for pass in 0..<Self.passes {
            let sums = gather(weights)
            let change = step(sums)
            weights = RingWeights.measured(sums, frames: frames.count)
            if pass > 2 && change < Self.settled { break }
        }
    }

    /// Moves every frame, and tells the root mean square of the moves.
    private mutating func step(_ sums: CorrelationSums) -> Double {
        let count = Double(frames.count)
        let bend = sums.bends.reduce(SIMD3<Double>.zero, +) / count
        let determinant = bend.x * bend.y - bend.z * bend.z
        guard bend.x > 0, bend.y > 0, determinant > 0 else { return 0 }
        var squares = 0.0
        for (i, slope) in sums.slopes.enumerated() {
            var move = SIMD2(slope.x * bend.y - slope.y * bend.z, slope.y * bend.x - slope.x * bend.z) / determinant
            move = move.clamped(lowerBound: .init(repeating: -Self.longestStep), upperBound: .init(repeating: Self.longestStep))
            let change = PixelShift(x: move.x * scale.x, y: move.y * scale.y)
            shifts[i] = shifts[i] + change
            squares += change.length * change.length
        }
        let spread = sums.noise / count
        uncertainty = ((spread.x / (bend.x * bend.x) * scale.x * scale.x + spread.y / (bend.y * bend.y) * scale.y * scale.y) / 2)
            .squareRoot()
        return (squares / count).squareRoot()
    }

    // MARK: One pass over all coefficients

    private var rings: Int { RingWeights.rings(side: max(frames[0].width, frames[0].height), limit: limit) }
    private var columns: Int { min(Int(limit * Double(frames[0].width)), frames[0].width / 2 - 1) }
    private var rows: Int { min(Int(limit * Double(frames[0].height)), frames[0].height / 2 - 1) }

    /// Rows are shared out in a fixed number of bands, so that the sums do not depend on the machine.
    private func gather(_ weights: [Float]) -> CorrelationSums {
        let bands = 16
        let all = (-rows...rows).filter { $0 != 0 }
        let ramps = shifts.map { shift in
            PhaseRamp(
                movingBy: PixelShift(x: -shift.x / scale.x, y: -shift.y / scale.y), width: frames[0].width,
                height: frames[0].height)
        }
        let parts = [CorrelationSums](unsafeUninitializedCapacity: bands) { parts, filled in
            nonisolated(unsafe) let parts = parts
            Parallel.perform(bands) { band in
                var sums = CorrelationSums(frames: frames.count, rings: weights.count)
                let own = stride(from: band, to: all.count, by: bands).map { all[$0] }
                add(rows: own, ramps: ramps, weights: weights, to: &sums)
                (parts.baseAddress! + band).initialize(to: sums)
            }
            filled = bands
        }
        return parts.dropFirst().reduce(into: parts[0]) { $0.add($1) }
    }

    private func add(rows: [Int], ramps: [PhaseRamp], weights: [Float], to sums: inout CorrelationSums) {
        let count = columns
        let size = CorrelationRow.scratchCount(columns: count, frames: frames.count)
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: size)
        // What lies behind a row's end is multiplied by 0, and must be a number for that.
        scratch.initialize(repeating: 0, count: size)
        defer { scratch.deallocate() }
        for ky in rows {
            let row = CorrelationRow(columns: count, frames: frames.count, scratch: scratch)
            row.clear()
            for (i, frame) in frames.enumerated() {
                frame.values.withUnsafeBufferPointer { values in
                    let start = (ky >= 0 ? ky : ky + frame.height) * frame.columns
                    row.take(values.baseAddress! + start, frame: i, ramp: ramps[i], row: ky >= 0 ? ky : ky + frame.height)
                }
            }
            row.add(
                ky: Float(ky) / Float(frames[0].height), xStep: 1 / Float(frames[0].width), limit: Float(limit), weights: weights,
                to: &sums)
        }
    }
}

/// What one pass over the coefficients adds up.
struct CorrelationSums {
    /// Of each frame's correlation with the sum of the others, at no shift.
    var slopes: [SIMD2<Double>]
    /// Bends along x, along y, and mixed; positive at a peak.
    var bends: [SIMD3<Double>]
    /// Variance of the slopes from noise, all frames together.
    var noise = SIMD2<Double>.zero
    /// Power of the sum, and power of the frames, ring by ring.
    var together: [Double]
    var alone: [Double]
    var counts: [Double]

    init(frames: Int, rings: Int) {
        slopes = Array(repeating: .zero, count: frames)
        bends = Array(repeating: .zero, count: frames)
        together = Array(repeating: 0, count: rings)
        alone = together
        counts = together
    }

    mutating func add(_ other: CorrelationSums) {
        for i in slopes.indices {
            slopes[i] += other.slopes[i]
            bends[i] += other.bends[i]
        }
        for i in together.indices {
            together[i] += other.together[i]
            alone[i] += other.alone[i]
            counts[i] += other.counts[i]
        }
        noise += other.noise
    }
}
