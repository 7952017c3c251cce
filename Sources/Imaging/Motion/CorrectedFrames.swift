/// A movie's frames with gain applied and defects replaced, and what they add up to.
struct CorrectedFrames<Movie: FrameSource> {
    private let movie: Movie
    private let gain: Image?
    private let found: FrameDefects
    /// Of all frames, as they lie, defects replaced.
    let sum: Image

    var defects: Int { found.positions.count }
    /// Of one frame's pixels.
    let mean: Float

    init(_ movie: Movie, gain: Image?) throws(ImagingError) {
        if let gain, gain.width != movie.width || gain.height != movie.height {
            throw .sizesDiffer(
                what: "The gain reference", expected: "\(movie.width) x \(movie.height)",
                found: "\(gain.width) x \(gain.height)")
        }
        self.movie = movie
        self.gain = gain
        var sum = try Self.rawSum(movie)
        try Self.check(sum, of: movie)
        if let gain { sum.pixels.withUnsafeMutableBufferPointer { Self.multiply($0, by: gain) } }
        found = FrameDefects(inSum: sum, deadGain: gain.map(Self.deadPixels) ?? [])
        found.repair(&sum, frame: 0)
        self.sum = sum
        mean = Float(sum.statistics.mean / Double(movie.frameCount))
    }

    /// The transforms of some frames, read and worked on by several threads; `change` may alter a frame's pixels first.
    func spectra(_ indices: [Int], change: (Int, UnsafeMutableBufferPointer<Float>) -> Void = { _, _ in }) throws(ImagingError)
        -> [PackedSpectrum]
    {
        let threads = min(FrameThreads.count, indices.count)
        let own = try FrameThreads.run(threads) { thread throws(ImagingError) in
            let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: movie.width * movie.height)
            defer { pixels.deallocate() }
            var spectra: [PackedSpectrum] = []
            for i in stride(from: thread, to: indices.count, by: threads) {
                try read(indices[i], into: pixels)
                change(indices[i], pixels)
                spectra.append(PackedSpectrum(of: UnsafePointer(pixels.baseAddress!), width: movie.width, height: movie.height))
            }
            return spectra
        }
        return indices.indices.map { own[$0 % threads][$0 / threads] }
    }

    /// Fills `pixels` with a frame without the mean of all.
    func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, into: pixels)
        let (base, mean, count) = (pixels.baseAddress!, mean, pixels.count)
        if let gain {
            gain.pixels.withUnsafeBufferPointer { gain in for i in 0..<count { base[i] = base[i] * gain[i] - mean } }
        } else {
            for i in 0..<count { base[i] -= mean }
        }
        found.repair(pixels, frame: index)
    }

    /// Each thread adds up every other frame; the order never changes, so the sum does not either.
    private static func rawSum(_ movie: Movie) throws(ImagingError) -> Image {
        let threads = min(FrameThreads.count, movie.frameCount)
        let sums = try FrameThreads.run(threads) { thread throws(ImagingError) in
            var sum = Image(width: movie.width, height: movie.height)
            let frame = UnsafeMutableBufferPointer<Float>.allocate(capacity: movie.width * movie.height)
            defer { frame.deallocate() }
            for index in stride(from: thread, to: movie.frameCount, by: threads) {
                try movie.read(index, into: frame)
                sum.pixels.withUnsafeMutableBufferPointer { sum in for i in sum.indices { sum[i] += frame[i] } }
            }
            return sum
        }
        var total = sums[0]
        for other in sums.dropFirst() {
            total.pixels.withUnsafeMutableBufferPointer { total in
                other.pixels.withUnsafeBufferPointer { other in for i in total.indices { total[i] += other[i] } }
            }
        }
        return total
    }

    /// A movie without any picture aligns to anything.
    private static func check(_ sum: Image, of movie: Movie) throws(ImagingError) {
        let statistics = sum.statistics
        guard statistics.maximum > statistics.minimum else {
            let value = statistics.minimum / Float(movie.frameCount)
            throw .holdsNoPicture(file: movie.name, detail: "every pixel is \(value == 0 ? "zero or not a number" : "the same")")
        }
    }

    private static func multiply(_ pixels: UnsafeMutableBufferPointer<Float>, by gain: Image) {
        gain.pixels.withUnsafeBufferPointer { gain in for i in pixels.indices { pixels[i] *= gain[i] } }
    }

    private static func deadPixels(_ gain: Image) -> [Int] { gain.pixels.indices.filter { !(gain.pixels[$0] > 0) } }
}
