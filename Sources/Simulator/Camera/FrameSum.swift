import Imaging
import RunModel

/// The summed image of a movie, for what a microscope program tells of it.
struct FrameSum {
    private var pixels: [Float] = []

    mutating func add(_ frame: Image) {
        guard !pixels.isEmpty else {
            pixels = frame.pixels
            return
        }
        pixels.withUnsafeMutableBufferPointer { sum in
            frame.pixels.withUnsafeBufferPointer { frame in
                for index in 0..<min(sum.count, frame.count) { sum[index] += frame[index] }
            }
        }
    }

    var reading: CameraReading {
        let count = Double(max(1, pixels.count))
        let mean = pixels.reduce(0.0) { $0 + Double($1) } / count
        let variance = pixels.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        return CameraReading(
            mean: mean, deviation: variance.squareRoot(), minimum: Double(pixels.min() ?? 0), maximum: Double(pixels.max() ?? 0))
    }
}
