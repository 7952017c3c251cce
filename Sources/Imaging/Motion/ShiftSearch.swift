import Glibc

/// Whole-frame displacements of a few low-frequency spectra, by cross-correlating each with the sum of the others.
struct ShiftSearch {
    private var frames: [Spectrum]
    /// Pixels of the movie to one of the cropped spectra's.
    private let scaleX: Double
    private let scaleY: Double
    private(set) var shifts: [PixelShift]

    /// Strength of the low-pass exp(−c·g²), g in cycles per movie pixel: wide capture first, then finer.
    private static let firstPass = 300.0
    private static let laterPasses = 100.0
    private static let passes = 5
    /// Movie pixels by which the last pass may still change frames; what follows is finer.
    private static let settled = 0.2

    init(_ frames: [Spectrum], movieWidth: Int, movieHeight: Int) {
        self.frames = frames
        scaleX = Double(movieWidth) / Double(frames[0].width)
        scaleY = Double(movieHeight) / Double(frames[0].height)
        shifts = frames.map { _ in .zero }
    }

    /// Displacements against the first frame.
    mutating func run(farthest: Double) -> [PixelShift] {
        for pass in 0..<Self.passes {
            let changes = measure(
                lowPass: pass == 0 ? Self.firstPass : Self.laterPasses, farthest: pass == 0 ? farthest : farthest / 2)
            for i in frames.indices { move(i, by: changes[i]) }
            let mean = changes.reduce(0) { $0 + $1.length * $1.length } / Double(changes.count)
            if pass > 1 && mean.squareRoot() < Self.settled { break }
        }
        return shifts.map { $0 - shifts[0] }
    }

    private mutating func move(_ index: Int, by change: PixelShift) {
        shifts[index] = shifts[index] + change
        let back = PixelShift(x: -change.x / scaleX, y: -change.y / scaleY)
        let ramp = PhaseRamp(movingBy: back, width: frames[index].width, height: frames[index].height)
        ramp.apply(to: &frames[index])
    }

    private func measure(lowPass: Double, farthest: Double) -> [PixelShift] {
        let sum = total()
        let weight = LowPass(like: sum, strength: lowPass, scaleX: scaleX, scaleY: scaleY)
        return FrameThreads.each(frames) { frame in
            let map = FourierTransform.inverse(weight.cross(frame, sum))
            let peak = CorrelationPeak(in: map, reachX: farthest / scaleX, reachY: farthest / scaleY)
            return PixelShift(x: peak.shift.x * scaleX, y: peak.shift.y * scaleY)
        }
    }

    private func total() -> Spectrum {
        var sum = frames[0]
        for frame in frames.dropFirst() {
            frame.values.withUnsafeBufferPointer { values in
                sum.values.withUnsafeMutableBufferPointer { sum in
                    for i in 0..<sum.count { sum[i] += values[i] }
                }
            }
        }
        return sum
    }
}

/// exp(−c·g²) without the axes: what is left there comes from the camera's rows and columns, and stands still.
private struct LowPass {
    private let columns: [Float]
    private let rows: [Float]

    init(like spectrum: Spectrum, strength: Double, scaleX: Double, scaleY: Double) {
        columns = (0..<spectrum.columns).map { i in
            let g = Double(spectrum.frequency(ofColumn: i)) / scaleX
            return i == 0 ? 0 : Float(exp(-strength * g * g))
        }
        rows = (0..<spectrum.height).map { i in
            let g = Double(spectrum.frequency(ofRow: i)) / scaleY
            return i == 0 ? 0 : Float(exp(-strength * g * g))
        }
    }

    /// W·conj(sum − frame)·frame: the frame must not meet its own noise.
    func cross(_ frame: Spectrum, _ sum: Spectrum) -> Spectrum {
        var result = frame
        let count = columns.count
        frame.values.withUnsafeBufferPointer { frame in
            sum.values.withUnsafeBufferPointer { sum in
                result.values.withUnsafeMutableBufferPointer { result in
                    for row in rows.indices {
                        let at = row * count * 2
                        let (f, s, r) = (frame.baseAddress! + at, sum.baseAddress! + at, result.baseAddress! + at)
                        for i in 0..<count {
                            let w = rows[row] * columns[i]
                            let (a, b) = (f[2 * i], f[2 * i + 1])
                            let (c, d) = (s[2 * i] - a, s[2 * i + 1] - b)
                            r[2 * i] = w * (c * a + d * b)
                            r[2 * i + 1] = w * (c * b - d * a)
                        }
                    }
                }
            }
        }
        return result
    }
}
