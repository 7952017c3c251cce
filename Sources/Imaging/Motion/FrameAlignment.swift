/// Aligns the frames of a movie, and sums them.
///
/// Frames are read one at a time: once for the camera's defects and once to be transformed; once more where the transforms are too many
/// to keep, and for local motion.
public enum FrameAlignment {
    /// Transforms of all frames are kept up to this size: 30 of 4096 x 4096 fit.
    private static let keptBytes = 1100 << 20
    /// The low frequencies that are kept for the search otherwise.
    private static let searchSide = 2048

    public static func align(_ movie: some FrameSource, settings: AlignmentSettings = AlignmentSettings()) throws(ImagingError)
        -> AlignedMovie
    {
        guard movie.frameCount > 1 else { throw .tooFewFrames(count: movie.frameCount) }
        let frames = try CorrectedFrames(movie, gain: settings.gain)
        let groups = FrameGroups(frames: movie.frameCount, dose: Double(frames.mean))
        let isKept = (movie.width + 2) * movie.height * 2 * movie.frameCount <= keptBytes && groups.isTrivial
        var spectra = try isKept ? frames.spectra(Array(0..<movie.frameCount)) : low(frames, groups, of: movie)
        let shifts = groups.frames(from: search(spectra, movie, farthest: settings.farthest))
        if !isKept { spectra = [] }
        var local: LocalMotion?
        if let patches = settings.patches {
            spectra = []
            local = try PatchAlignment(patches, of: movie, shifts: shifts, groups: groups).motion(of: frames)
        }
        let (average, weighted) = try sums(of: frames, movie, spectra: &spectra, isKept, shifts, local, dose: settings.dose)
        return AlignedMovie(
            shifts: shifts, average: average, doseWeighted: weighted, defects: frames.defects, local: local)
    }

    /// The plain sum of frames as they lie, for movies of one frame or where alignment is not wanted.
    public static func sum(_ movie: some FrameSource, gain: Image? = nil) throws(ImagingError) -> Image {
        let frames = try CorrectedFrames(movie, gain: gain)
        return frames.sum
    }

    /// Displacements against the first.
    private static func search(_ spectra: [PackedSpectrum], _ movie: some FrameSource, farthest: Double) -> [PixelShift] {
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
    private static func low<Movie: FrameSource>(_ frames: CorrectedFrames<Movie>, _ groups: FrameGroups, of movie: Movie)
        throws(ImagingError) -> [PackedSpectrum]
    {
        let width = min(movie.width, searchSide) / 2 * 2
        let height = min(movie.height, searchSide) / 2 * 2
        var low: [PackedSpectrum] = []
        for group in groups.members {
            var parts: [PackedSpectrum] = []
            for first in stride(from: group.lowerBound, to: group.upperBound, by: FrameThreads.count) {
                let next = try frames.spectra(Array(first..<min(group.upperBound, first + FrameThreads.count)))
                parts = [PackedSpectrum.sum(parts + next.map { $0.packed(toWidth: width, height: height) })]
            }
            low += parts
        }
        return low
    }

    private static func sums<Movie: FrameSource>(
        of frames: CorrectedFrames<Movie>, _ movie: Movie, spectra: inout [PackedSpectrum], _ isKept: Bool,
        _ shifts: [PixelShift],
        _ local: LocalMotion?, dose: DoseSettings?
    ) throws(ImagingError) -> (Image, Image?) {
        var sums = FrameSums(width: movie.width, height: movie.height, dose: dose)
        if isKept && local == nil {
            sums.add(spectra, displacedBy: shifts)
            // The images need the room.
            spectra = []
            return sums.images(mean: frames.mean)
        }
        for first in stride(from: 0, to: movie.frameCount, by: FrameThreads.count) {
            let indices = Array(first..<min(movie.frameCount, first + FrameThreads.count))
            let next = try frames.spectra(indices) { index, pixels in
                local?.resample(pixels, width: movie.width, height: movie.height, frame: index, shift: shifts[index])
            }
            sums.add(next, displacedBy: local == nil ? indices.map { shifts[$0] } : indices.map { _ in .zero })
        }
        return sums.images(mean: frames.mean)
    }
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
