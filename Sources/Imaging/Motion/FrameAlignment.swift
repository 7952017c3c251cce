/// Aligns the frames of a movie as wholes, and sums them.
///
/// Frames are read one at a time: once for the camera's defects, once to align, and once more to sum where the movie is
/// too large to keep its transforms.
public enum FrameAlignment {
    /// Transforms of all frames are kept up to this size.
    private static let keptBytes = 256 << 20

    public static func align(_ movie: some FrameSource, settings: AlignmentSettings = AlignmentSettings()) throws(ImagingError)
        -> AlignedMovie
    {
        guard movie.frameCount > 1 else { throw .tooFewFrames(count: movie.frameCount) }
        let frames = try CorrectedFrames(movie, gain: settings.gain)
        let crop = Crop(width: movie.width, height: movie.height)
        let isKept = movie.width * movie.height * 4 * movie.frameCount <= keptBytes
        var whole: [Spectrum] = []
        var small: [Spectrum] = []
        for index in 0..<movie.frameCount {
            let frame = try frames.frame(index)
            if isKept {
                whole.append(FourierTransform.forward(frame))
                small.append(FourierTransform.crop(whole[index], toWidth: crop.width, height: crop.height))
            } else {
                small.append(FourierTransform.forward(frame, croppedToWidth: crop.width, height: crop.height))
            }
        }
        var search = ShiftSearch(small, movieWidth: movie.width, movieHeight: movie.height)
        small = []
        let shifts = search.run(farthest: settings.farthest)
        var sums = FrameSums(width: movie.width, height: movie.height, dose: settings.dose)
        for index in 0..<movie.frameCount {
            sums.add(try isKept ? whole[index] : FourierTransform.forward(frames.frame(index)), displacedBy: shifts[index])
        }
        let (average, doseWeighted) = sums.images()
        return AlignedMovie(shifts: shifts, average: average, doseWeighted: doseWeighted, defects: frames.defects)
    }

    /// The plain sum of frames as they lie, for movies of one frame or where alignment is not wanted.
    public static func sum(_ movie: some FrameSource, gain: Image? = nil) throws(ImagingError) -> Image {
        let frames = try CorrectedFrames(movie, gain: gain)
        return frames.sum
    }
}

/// Half or a quarter of the movie's size: the low-pass leaves nothing beyond it.
private struct Crop {
    let width: Int
    let height: Int

    init(width: Int, height: Int) {
        let divisor = max(width, height) > 2048 ? 4 : 2
        self.width = width < 16 ? width : width / divisor / 2 * 2
        self.height = height < 16 ? height : height / divisor / 2 * 2
    }
}

/// A movie's frames with gain applied and defects replaced.
private struct CorrectedFrames<Movie: FrameSource> {
    private let movie: Movie
    private let gain: Image?
    private let found: FrameDefects
    /// Of all frames, as they lie, defects replaced.
    let sum: Image

    var defects: Int { found.positions.count }

    init(_ movie: Movie, gain: Image?) throws(ImagingError) {
        if let gain, gain.width != movie.width || gain.height != movie.height {
            throw .sizesDiffer(
                what: "The gain reference", expected: "\(movie.width) x \(movie.height)",
                found: "\(gain.width) x \(gain.height)")
        }
        self.movie = movie
        self.gain = gain
        var sum = Image(width: movie.width, height: movie.height)
        for index in 0..<movie.frameCount { Self.add(try Self.read(movie, index, gain), to: &sum) }
        found = FrameDefects(inSum: sum)
        found.repair(&sum, frame: 0)
        self.sum = sum
    }

    func frame(_ index: Int) throws(ImagingError) -> Image {
        var frame = try Self.read(movie, index, gain)
        found.repair(&frame, frame: index)
        return frame
    }

    private static func read(_ movie: Movie, _ index: Int, _ gain: Image?) throws(ImagingError) -> Image {
        let raw = try movie.frame(index)
        guard let gain else { return raw }
        return raw.combined(with: gain) { $0 * $1 }
    }

    private static func add(_ frame: Image, to sum: inout Image) {
        frame.pixels.withUnsafeBufferPointer { frame in
            sum.pixels.withUnsafeMutableBufferPointer { sum in
                for i in 0..<sum.count { sum[i] += frame[i] }
            }
        }
    }
}
