import RunModel

/// A pixel size as a program states it beside a movie: that of the image it was given, which the movie's frames may divide otherwise.
///
/// - SerialEM's mdoc: `PixelSpacing` belongs to the summed image in its window. `Binning` says how many of the detector's pixels one of
///   those is along a side, 0.5 in super-resolution, and `UncroppedSize` how many there are; negative for an image that is whole.
/// - EPU's XML: `pixelSize` belongs to the image that EPU recorded, of `ReadoutArea` pixels, `Binning` of the detector's along a side of
///   each.
/// - Both cameras save frames in pixels of their own choice: super-resolution or not, binned or not, and electrons (EER) as finely as
///   they are read.
/// - A header's own size belongs to the file's own pixels and is never converted.
struct StatedPixel: Equatable, Sendable {
    /// Å.
    var size: Double
    /// Pixels of the detector along a side of one; nil where nobody tells.
    var binning: Double?
    /// Pixels of the image; nil where nobody tells.
    var image: PixelCount?

    /// Å of a pixel of the movie as it is read. `detector`: the camera's own pixels, where they are known.
    func size(in movie: any MovieSource, detector: PixelCount?) -> Double {
        let frame = PixelCount(movie.width, movie.height)
        let sensor = (movie as? EERFile).map { PixelCount($0.width / $0.upsampling, $0.height / $0.upsampling) } ?? detector
        let finer = sensor.flatMap { frame.scale(against: $0) }
        // A binned image's size may be told in either kind of pixels, so its binning counts first.
        if let binning, binning != 1, let finer { return size / binning / finer }
        if let image, let finer = frame.scale(against: image) { return size / finer }
        if let finer, binning != nil || movie is EERFile { return size / finer }
        return size / (movie.pixelSize.flatMap { Self.finer(than: size, header: $0) } ?? 1)
    }

    /// Whether a movie that is smaller than its detector is a part of its area, and not all of it, binned: it is smaller than the stated
    /// binning leaves, and no image of the whole area is told of.
    func isPart(_ movie: any MovieSource, of detector: PixelCount?) -> Bool {
        guard let detector, let binning, let finer = PixelCount(movie.width, movie.height).scale(against: detector), finer < 1
        else {
            return false
        }
        return finer * binning < 1 && image?.scale(against: detector).map { $0 * binning } != 1
    }

    /// Exactly 1 Å in a header is what programs write that know no size, whichever revision of the format they follow.
    static func isPlaceholder(_ header: Double) -> Bool { abs(header - 1) < 1e-6 }

    /// A header's own size, though its last digits differ, tells how much finer the frames are.
    private static func finer(than size: Double, header: Double) -> Double? {
        guard !isPlaceholder(header) else { return nil }
        return PixelCount.scales.first { abs(size / header / $0 - 1) < 0.05 }
    }
}

/// How many pixels an image has.
public struct PixelCount: Equatable, Sendable {
    public let width: Int
    public let height: Int

    public init(_ width: Int, _ height: Int) { (self.width, self.height) = (width, height) }

    static let scales = [1, 2, 0.5, 4, 0.25, 0.125]

    /// Pixels along a side of one of `other`'s, where both show the same area, one of them perhaps turned; nil where they do not.
    /// Odd rows and columns are left out in binning.
    public func scale(against other: PixelCount) -> Double? {
        Self.scales.first { scale in
            let (fine, coarse) = scale >= 1 ? (self, other) : (other, self)
            let each = Int(scale >= 1 ? scale : 1 / scale)
            let (width, height) = (fine.width / each, fine.height / each)
            return (width, height) == (coarse.width, coarse.height) || (width, height) == (coarse.height, coarse.width)
        }
    }

    /// Pixels of this image along a side that one of `binned` was made from; nil where the two do not show the same area.
    /// Odd rows and columns are left out in binning; super-resolution pixels, too, may have been binned by 8 of the detector's.
    func binning(to binned: PixelCount) -> Int? {
        [1, 2, 4, 8, 16].first { (width / $0, height / $0) == (binned.width, binned.height) }
    }

    /// Whether what belongs to a camera, in so many pixels, goes with a movie of `movie`: pixel by pixel, binned, or spread over quarters.
    public func fits(_ movie: PixelCount) -> Bool {
        binning(to: movie) != nil || (2 * width, 2 * height) == (movie.width, movie.height)
    }
}
