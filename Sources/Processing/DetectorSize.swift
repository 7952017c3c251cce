import Imaging
import RunModel

/// Whether a movie can be one of a detector's.
public enum DetectorSize {
    /// A camera may turn its frames, save quarters of its pixels, and bin them as SerialEM does.
    public static func check(_ movie: any MovieSource, _ detector: DetectorDescription?) throws(ImagingError) {
        guard let detector, scale(movie, detector) == nil else { return }
        throw .notTheDetectors(
            file: movie.path, size: "\(movie.width) x \(movie.height)", detector: detector.name,
            detectorSize: "\(detector.width) x \(detector.height)")
    }

    /// Pixels of the movie along a side of one of the detector's; nil for another camera's movie.
    static func scale(_ movie: any MovieSource, _ detector: DetectorDescription) -> Double? {
        PixelCount(movie.width, movie.height).scale(against: PixelCount(detector.width, detector.height)).flatMap {
            $0 > 2 ? nil : $0
        }
    }
}
