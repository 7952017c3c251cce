/// The plain and the dose-weighted sum of aligned frames, gathered in Fourier space.
struct FrameSums {
    private var plain: Spectrum
    private var weighted: Spectrum?
    private let weighting: DoseWeighting?
    private var frames = 0

    init(width: Int, height: Int, dose: DoseSettings?) {
        plain = Spectrum(width: width, height: height)
        weighting = dose.map(DoseWeighting.init)
        weighted = dose.map { _ in Spectrum(width: width, height: height) }
    }

    /// Adds the next frame with its content moved back by `shift`.
    mutating func add(_ spectrum: Spectrum, displacedBy shift: PixelShift) {
        let back = PixelShift(x: -shift.x, y: -shift.y)
        let ramp = PhaseRamp(movingBy: back, width: spectrum.width, height: spectrum.height)
        if let weighting, weighted != nil {
            addBoth(spectrum, ramp, weights: weighting.weights(frame: frames))
        } else {
            ramp.add(spectrum, to: &plain)
        }
        frames += 1
    }

    private mutating func addBoth(_ spectrum: Spectrum, _ ramp: PhaseRamp, weights: [Float]) {
        let columns = spectrum.columns
        let bins = RadialBins(spectrum)
        spectrum.values.withUnsafeBufferPointer { values in
            plain.values.withUnsafeMutableBufferPointer { plain in
                weighted!.values.withUnsafeMutableBufferPointer { weighted in
                    ramp.forEachRow { row, re, im in
                        let at = row * columns * 2
                        let (v, p, w) = (values.baseAddress! + at, plain.baseAddress! + at, weighted.baseAddress! + at)
                        bins.withRow(row, weights) { q in
                            for i in 0..<columns {
                                let a = v[2 * i] * re[i] - v[2 * i + 1] * im[i]
                                let b = v[2 * i] * im[i] + v[2 * i + 1] * re[i]
                                p[2 * i] += a
                                p[2 * i + 1] += b
                                w[2 * i] += a * q[i]
                                w[2 * i + 1] += b * q[i]
                            }
                        }
                    }
                }
            }
        }
    }

    /// Both sums as images; the second only where there is a dose.
    consuming func images() -> (plain: Image, weighted: Image?) {
        if let weighting { normalise(by: weighting.norms(frames: frames)) }
        return (FourierTransform.inverse(plain), weighted.map { FourierTransform.inverse($0) })
    }

    private mutating func normalise(by norms: [Float]) {
        let (columns, height) = (plain.columns, plain.height)
        let bins = RadialBins(plain)
        weighted!.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<height {
                bins.withRow(row, norms) { norm in
                    let v = values.baseAddress! + row * columns * 2
                    for i in 0..<columns {
                        v[2 * i] /= norm[i]
                        v[2 * i + 1] /= norm[i]
                    }
                }
            }
        }
    }
}

/// Looks up a radial table for a whole row of a spectrum.
private struct RadialBins {
    private let width: Int
    private let height: Int

    init(_ spectrum: Spectrum) {
        width = spectrum.width
        height = spectrum.height
    }

    @inline(__always)
    func withRow(_ row: Int, _ table: [Float], _ body: (UnsafePointer<Float>) -> Void) {
        let ky = Float(row <= height / 2 ? row : row - height) / Float(height)
        let scale = Float(Double(DoseWeighting.entries - 1) / DoseWeighting.corner)
        let step = 1 / Float(width)
        let count = width / 2 + 1
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { values in
            table.withUnsafeBufferPointer { table in
                for i in 0..<count {
                    let kx = Float(i) * step
                    let bin = Int32((kx * kx + ky * ky).squareRoot() * scale)
                    values[i] = table[min(Int(bin), DoseWeighting.entries - 1)]
                }
            }
            body(UnsafePointer(values.baseAddress!))
        }
    }
}
