/// The plain and the dose-weighted sum of aligned frames, gathered in Fourier space.
struct FrameSums {
    private var plain: Spectrum
    private var weighted: Spectrum?
    private let weighting: DoseWeighting?
    /// Of each frame that was added, by frequency.
    private var frames = 0

    /// Rows of a spectrum that one thread works on at a time.
    private static let band = 32

    init(width: Int, height: Int, dose: DoseSettings?) {
        plain = Spectrum(width: width, height: height)
        weighting = dose.map(DoseWeighting.init)
        weighted = dose.map { _ in Spectrum(width: width, height: height) }
    }

    /// Adds the next frames with their content moved back by `shifts`. Row by row, so that sums stay in the cache while frames pass by.
    mutating func add(_ next: [PackedSpectrum], displacedBy shifts: [PixelShift]) {
        let (width, height) = (plain.width, plain.height)
        let ramps = shifts.map { PhaseRamp(movingBy: PixelShift(x: -$0.x, y: -$0.y), width: width, height: height) }
        let tables = weighting.map { weighting in next.indices.map { weighting.weights(frame: frames + $0) } } ?? []
        let bins = RadialBins(width: width, height: height)
        withBuffers { plain, weighted in
            // Bands of rows share nothing.
            nonisolated(unsafe) let (plain, weighted) = (plain, weighted)
            Parallel.perform((height + Self.band - 1) / Self.band) { band in
                for row in band * Self.band..<min(height, (band + 1) * Self.band) {
                    let start = row * (width / 2 + 1)
                    let bins = weighted == nil ? [] : bins.row(row)
                    for (i, frame) in next.enumerated() {
                        frame.values.withUnsafeBufferPointer { values in
                            let values = values.baseAddress! + start
                            ramps[i].withRow(row) { c, s, re, im in
                                let factors = RowFactors(c: c, s: s, re: re, im: im, count: width / 2 + 1)
                                if let weighted {
                                    factors.add(values, to: plain + 2 * start, and: weighted + 2 * start, tables[i], bins)
                                } else {
                                    factors.add(values, to: plain + 2 * start)
                                }
                            }
                        }
                    }
                }
            }
        }
        frames += next.count
    }

    private mutating func withBuffers(_ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?) -> Void) {
        plain.values.withUnsafeMutableBufferPointer { plain in
            // Spectra have values, so their buffers have an address; `weighted` was just looked at.
            guard weighted != nil else { return body(plain.baseAddress!, nil) }
            weighted!.values.withUnsafeMutableBufferPointer { body(plain.baseAddress!, $0.baseAddress!) }
        }
    }

    /// Both sums as images; the second only where there is a dose. `mean`: what was taken from every pixel of every frame.
    consuming func images(mean: Float) -> (plain: Image, weighted: Image?) {
        let taken = mean * Float(frames) * Float(plain.width * plain.height)
        plain.values[0] += taken
        weighted?.values[0] += taken
        if let weighting { normalise(by: weighting.norms(frames: frames)) }
        let spectra = weighted.map { [plain, $0] } ?? [plain]
        let images = FrameThreads.each(spectra) { FourierTransform.inverse($0) }
        return (images[0], images.count > 1 ? images[1] : nil)
    }

    private mutating func normalise(by norms: [Float]) {
        let (columns, height) = (plain.columns, plain.height)
        let bins = RadialBins(width: plain.width, height: height)
        // Called only where there is a weighting, which made `weighted`.
        weighted!.values.withUnsafeMutableBufferPointer { values in
            nonisolated(unsafe) let values = values
            Parallel.perform(height) { row in
                let v = values.baseAddress! + row * columns * 2
                for (i, bin) in bins.row(row).enumerated() {
                    v[2 * i] /= norms[Int(bin)]
                    v[2 * i + 1] /= norms[Int(bin)]
                }
            }
        }
    }
}

/// The factors that move one row of a spectrum.
private struct RowFactors {
    let c: Float
    let s: Float
    let re: UnsafePointer<Float>
    let im: UnsafePointer<Float>
    let count: Int

    @inline(__always)
    private func moved(_ packed: UInt32, _ i: Int) -> (Float, Float) {
        let v = PackedSpectrum.unpack(packed)
        let (u, w) = (re[i] * c - im[i] * s, re[i] * s + im[i] * c)
        return (v.x * u - v.y * w, v.x * w + v.y * u)
    }

    func add(_ values: UnsafePointer<UInt32>, to sum: UnsafeMutablePointer<Float>) {
        for i in 0..<count {
            let (a, b) = moved(values[i], i)
            sum[2 * i] += a
            sum[2 * i + 1] += b
        }
    }

    func add(
        _ values: UnsafePointer<UInt32>, to sum: UnsafeMutablePointer<Float>, and weighted: UnsafeMutablePointer<Float>,
        _ table: [Float], _ bins: [Int32]
    ) {
        table.withUnsafeBufferPointer { table in
            bins.withUnsafeBufferPointer { bins in
                for i in 0..<count {
                    let (a, b) = moved(values[i], i)
                    let q = table[Int(bins[i])]
                    sum[2 * i] += a
                    sum[2 * i + 1] += b
                    weighted[2 * i] += a * q
                    weighted[2 * i + 1] += b * q
                }
            }
        }
    }
}

/// Where the frequencies of a row are in a table from 0 to the corner of the spectrum.
private struct RadialBins {
    let width: Int
    let height: Int

    func row(_ row: Int) -> [Int32] {
        let ky = Float(row <= height / 2 ? row : row - height) / Float(height)
        let scale = Float(Double(DoseWeighting.entries - 1) / DoseWeighting.corner)
        let step = 1 / Float(width)
        return (0...width / 2).map { i in
            let kx = Float(i) * step
            return min(Int32((kx * kx + ky * ky).squareRoot() * scale), Int32(DoseWeighting.entries - 1))
        }
    }
}
