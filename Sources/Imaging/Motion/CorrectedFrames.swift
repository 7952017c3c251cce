/// A movie's frames with gain applied and defects replaced, and what they add up to.
struct CorrectedFrames<Movie: FrameSource> {
    private let movie: Movie
    private let gain: Image?
    private let found: FrameDefects
    /// Of all frames, as they lie, defects replaced.
    private(set) var sum: Image

    var defects: Int { found.positions.count }
    /// Of one frame's pixels.
    let mean: Float

    /// `known`: positions of pixels that the camera's file of defects names.
    init(_ movie: Movie, gain: Image?, known: [Int] = []) throws(ImagingError) {
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
        found = FrameDefects(inSum: sum, deadGain: known + (gain.map(Self.deadPixels) ?? []))
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

    /// Lets the sum go, which of a large camera is a third of a gigabyte.
    mutating func dropSum() { sum = Image(width: 1, height: 1) }

    /// Rows of a frame that are worked on at a time where a whole one is too large.
    private static var band: Int { 512 }
    /// Above so many pixels frames are read in bands, where the file allows it.
    private static var large: Int { 32 << 20 }
    private var readsBands: Bool { Self.readsBands(movie) }
    private static func readsBands(_ movie: Movie) -> Bool { movie.readsRows && movie.width * movie.height > large }

    /// The low frequencies of some frames, as frames of this smaller size would have them.
    func spectra(
        _ indices: [Int], toWidth small: Int, height: Int, change: (Int, UnsafeMutableBufferPointer<Float>) -> Void = { _, _ in },
        isChanged: Bool = false
    ) throws(ImagingError) -> [PackedSpectrum] {
        guard small != movie.width || height != movie.height else { return try spectra(indices, change: change) }
        let threads = min(FrameThreads.count, indices.count)
        let inBands = readsBands && !isChanged
        let (band, margin) = inBands ? (Self.band, FrameDefects.farthest) : (movie.height, 0)
        let own = try FrameThreads.run(threads) { thread throws(ImagingError) in
            let room = min(movie.height, band + 2 * margin) * movie.width
            let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: room)
            defer { pixels.deallocate() }
            var spectra: [PackedSpectrum] = []
            for i in stride(from: thread, to: indices.count, by: threads) {
                let index = indices[i]
                spectra.append(
                    try PackedSpectrum(width: movie.width, height: movie.height, toWidth: small, height: height, band: band) {
                        rows, use throws(ImagingError) in
                        let around = max(0, rows.lowerBound - margin)..<min(movie.height, rows.upperBound + margin)
                        let part = UnsafeMutableBufferPointer(rebasing: pixels[0..<around.count * movie.width])
                        try read(index, around, into: part)
                        change(index, part)
                        use(UnsafePointer(part.baseAddress! + (rows.lowerBound - around.lowerBound) * movie.width))
                    })
            }
            return spectra
        }
        return indices.indices.map { own[$0 % threads][$0 / threads] }
    }

    /// Some rows of a frame without the mean of all.
    private func read(_ index: Int, _ rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        guard rows.count < movie.height else { return try read(index, into: pixels) }
        try movie.read(index, rows: rows, into: pixels)
        let (base, mean, count, start) = (pixels.baseAddress!, mean, pixels.count, rows.lowerBound * movie.width)
        if let gain {
            gain.pixels.withUnsafeBufferPointer { gain in for i in 0..<count { base[i] = base[i] * gain[start + i] - mean } }
        } else {
            for i in 0..<count { base[i] -= mean }
        }
        found.repair(pixels, from: start, frame: index)
    }

    /// Each thread adds up a band of all frames, then the next: a large camera's sum is in memory once.
    private static func sumOfBands(_ movie: Movie) throws(ImagingError) -> Image {
        var sum = Image(width: movie.width, height: movie.height)
        let bands = Array(stride(from: 0, to: movie.height, by: band))
        let threads = min(FrameThreads.count, bands.count)
        var problem: ImagingError?
        sum.pixels.withUnsafeMutableBufferPointer { sum in
            // Bands share no pixel.
            nonisolated(unsafe) let sum = sum
            do throws(ImagingError) {
                _ = try FrameThreads.run(threads) { thread throws(ImagingError) in
                    let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: band * movie.width)
                    defer { pixels.deallocate() }
                    for i in stride(from: thread, to: bands.count, by: threads) {
                        let rows = bands[i]..<min(movie.height, bands[i] + band)
                        let part = UnsafeMutableBufferPointer(rebasing: pixels[0..<rows.count * movie.width])
                        let total = sum.baseAddress! + rows.lowerBound * movie.width
                        for index in 0..<movie.frameCount {
                            try movie.read(index, rows: rows, into: part)
                            for j in 0..<part.count { total[j] += part[j] }
                        }
                    }
                    return true
                }
            } catch { problem = error }
        }
        if let problem { throw problem }
        return sum
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
        if readsBands(movie) { return try sumOfBands(movie) }
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
