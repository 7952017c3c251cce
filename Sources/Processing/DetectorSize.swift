import Imaging
import RunModel

/// Whether a movie can be one of a detector's.
public enum DetectorSize {
    /// A camera may turn its frames, save quarters of its pixels, and bin them as SerialEM does. A part of its area is refused where what
    /// is beside the movie tells of one, because neither gain reference nor defects would lie where they belong.
    public static func check(_ movie: any MovieSource, _ detector: DetectorDescription?, _ facts: MovieFacts = MovieFacts())
        throws(ImagingError)
    {
        guard let detector else { return }
        let (size, own) = ("\(movie.width) x \(movie.height)", "\(detector.width) x \(detector.height)")
        guard scale(movie, detector) != nil else {
            throw .notTheDetectors(file: movie.path, size: size, detector: detector.name, detectorSize: own)
        }
        guard !facts.isPartOfDetector else {
            throw .partOfDetector(file: movie.path, size: size, detector: detector.name, detectorSize: own)
        }
    }

    /// In a sentence, where nothing says whether a movie smaller than its detector was binned; nil where something does, or it is not smaller.
    static func doubt(_ movie: any MovieSource, _ detector: DetectorDescription, isTold: Bool) -> String? {
        guard !isTold, let scale = scale(movie, detector), scale < 1 else { return nil }
        return "The movie has \(movie.width) x \(movie.height) pixels, the detector \(detector.width) x \(detector.height), "
            + "and nothing says why: it is taken for binned."
    }

    /// Pixels of the movie along a side of one of the detector's; nil for another camera's movie.
    static func scale(_ movie: any MovieSource, _ detector: DetectorDescription) -> Double? {
        PixelCount(movie.width, movie.height).scale(against: PixelCount(detector.width, detector.height)).flatMap {
            $0 > 2 ? nil : $0
        }
    }
}
