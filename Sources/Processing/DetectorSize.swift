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
        let sides = [(detector.width, detector.height), (detector.height, detector.width)]
        for (width, height) in sides {
            if movie.width == 2 * width, movie.height == 2 * height { return 2 }
            // Odd rows and columns are left out.
            for binning in [1, 2, 4, 8] where movie.width == width / binning && movie.height == height / binning {
                return 1 / Double(binning)
            }
        }
        return nil
    }
}
