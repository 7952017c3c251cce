/// Aligns the frames of a movie, and sums them.
///
/// Frames are read one at a time: once for the camera's defects and once to be transformed; once more where the transforms are too many
/// to keep, and for local motion.
public enum FrameAlignment {
    /// Transforms of all frames are kept up to this size: 40 of 4096 x 4096 fit.
    private static let keptBytes = 1400 << 20
    /// The low frequencies that are kept for the search otherwise.
    private static let searchSide = 2048

    public static func align(_ movie: some FrameSource, settings: AlignmentSettings = AlignmentSettings()) throws(ImagingError)
        -> AlignedMovie
    {
        guard movie.frameCount > 1 else { throw .tooFewFrames(count: movie.frameCount) }
        var frames = try CorrectedFrames(movie, gain: settings.gain, known: settings.defects)
        frames.dropSum()
        let size = BinnedSize(movie, by: settings.binning)
        let groups = FrameGroups(frames: movie.frameCount, dose: Double(frames.mean * size.area))
        let isKept = (size.width + 2) * size.height * 2 * movie.frameCount <= keptBytes && groups.isTrivial
        var spectra =
            try isKept
            ? frames.spectra(Array(0..<movie.frameCount), toWidth: size.width, height: size.height) : low(frames, groups, size)
        let found = groups.frames(from: search(spectra, size, farthest: settings.farthest / Double(size.binning)))
        let shifts = found.map { $0.scaled(by: Double(size.binning)) }
        if !isKept { spectra = [] }
        var local: LocalMotion?
        if let patches = settings.patches {
            spectra = []
            local = try PatchAlignment(patches, of: movie, shifts: shifts, groups: groups).motion(of: frames)
        }
        let (average, weighted) = try sums(of: frames, movie, size, spectra: &spectra, isKept, shifts, local, dose: settings.dose)
        return AlignedMovie(
            shifts: shifts, average: average, doseWeighted: weighted, defects: frames.defects, local: local)
    }

    /// The plain sum of frames as they lie, for movies of one frame or where alignment is not wanted.
    public static func sum(
        _ movie: some FrameSource, gain: Image? = nil, binning: Int = 1, defects: [Int] = []
    ) throws(ImagingError) -> Image {
        let sum = try CorrectedFrames(movie, gain: gain, known: defects).sum
        let size = BinnedSize(movie, by: binning)
        guard size.binning > 1 else { return sum }
        let mean = Float(sum.statistics.mean)
        let small = FourierTransform.forward(sum.mapped { $0 - mean }, croppedToWidth: size.width, height: size.height)
        return FourierTransform.inverse(small).mapped { $0 + mean * size.area }
    }

    /// What a movie is binned by where so much is asked for: one that is too small is not.
    public static func binning(of movie: some FrameSource, _ binning: Int) -> Int { BinnedSize(movie, by: binning).binning }

    /// Displacements against the first.
    private static func search(_ spectra: [PackedSpectrum], _ movie: BinnedSize, farthest: Double) -> [PixelShift] {
        // So little holds nothing that could be followed.
        guard min(movie.width, movie.height) >= 32 else { return spectra.map { _ in .zero } }
        let crop = SearchSize(width: movie.width, height: movie.height)
        let (x, y) = (min(crop.width, spectra[0].width), min(crop.height, spectra[0].height))
        var wide = ShiftSearch(
            spectra.map { $0.cropped(toWidth: x, height: y) }, movieWidth: movie.width, movieHeight: movie.height)
        let limit = ShiftRefinement.limit(movieWidth: movie.width, spectrumWidth: spectra[0].width)
        var fine = ShiftRefinement(
            spectra, movieWidth: movie.width, movieHeight: movie.height, limit: limit, from: wide.run(farthest: farthest))
        fine.run()
        let path = PathSmoothing.smooth(fine.shifts, uncertainty: fine.uncertainty)
        return path.map { $0 - path[0] }
    }

    /// Of groups of frames, without what the search does not look at.
    private static func low<Movie: FrameSource>(_ frames: CorrectedFrames<Movie>, _ groups: FrameGroups, _ movie: BinnedSize)
        throws(ImagingError) -> [PackedSpectrum]
    {
        let width = min(movie.width, searchSide) / 2 * 2
        let height = min(movie.height, searchSide) / 2 * 2
        var low: [PackedSpectrum] = []
        for group in groups.members {
            var parts: [PackedSpectrum] = []
            for first in stride(from: group.lowerBound, to: group.upperBound, by: FrameThreads.count) {
                let next = try frames.spectra(
                    Array(first..<min(group.upperBound, first + FrameThreads.count)), toWidth: movie.width, height: movie.height)
                parts = [PackedSpectrum.sum(parts + next.map { $0.packed(toWidth: width, height: height) })]
            }
            low += parts
        }
        return low
    }

    private static func sums<Movie: FrameSource>(
        of frames: CorrectedFrames<Movie>, _ movie: Movie, _ size: BinnedSize, spectra: inout [PackedSpectrum], _ isKept: Bool,
        _ shifts: [PixelShift],
        _ local: LocalMotion?, dose: DoseSettings?
    ) throws(ImagingError) -> (Image, Image?) {
        var sums = FrameSums(width: size.width, height: size.height, dose: dose)
        let (mean, scale) = (frames.mean * size.area, 1 / Double(size.binning))
        let displaced = shifts.map { $0.scaled(by: scale) }
        if isKept && local == nil {
            sums.add(spectra, displacedBy: displaced)
            // The images need the room.
            spectra = []
            return sums.images(mean: mean)
        }
        for first in stride(from: 0, to: movie.frameCount, by: FrameThreads.count) {
            let indices = Array(first..<min(movie.frameCount, first + FrameThreads.count))
            let resample = { (index: Int, pixels: UnsafeMutableBufferPointer<Float>) -> Void in
                local?.resample(pixels, width: movie.width, height: movie.height, frame: index, shift: shifts[index])
            }
            let next = try frames.spectra(
                indices, toWidth: size.width, height: size.height, change: resample, isChanged: local != nil)
            sums.add(next, displacedBy: local == nil ? indices.map { displaced[$0] } : indices.map { _ in .zero })
        }
        return sums.images(mean: mean)
    }
}

/// The size of what is aligned and summed: the movie's own, or the even part of it that is left by binning.
struct BinnedSize {
    let width: Int
    let height: Int
    let binning: Int

    init(_ movie: some FrameSource, by binning: Int) {
        // So small a movie has nothing to bin.
        self.binning = binning > 1 && min(movie.width, movie.height) >= 16 * binning ? binning : 1
        width = self.binning > 1 ? movie.width / binning / 2 * 2 : movie.width
        height = self.binning > 1 ? movie.height / binning / 2 * 2 : movie.height
    }

    /// Pixels of the movie in one of these: what they count is added up.
    var area: Float { Float(binning * binning) }
}

/// A part of the movie's size, even: beyond an eighth of a cycle per pixel the low-pass of the wide search leaves little.
private struct SearchSize {
    let width: Int
    let height: Int

    init(width: Int, height: Int) {
        let divisor = max(width, height) > 2048 ? 8 : max(width, height) > 512 ? 4 : 2
        self.width = width < 32 ? width / 2 * 2 : width / divisor / 2 * 2
        self.height = height < 32 ? height / 2 * 2 : height / divisor / 2 * 2
    }
}
