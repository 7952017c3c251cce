import Glibc
import Imaging

/// A movie whose motion is known: a specimen that drifts under a counting camera.
///
/// The specimen is larger than the frame, so that what leaves on one side does not come back on the other.
public struct MovieSample: FrameSource {
    public let width: Int
    public let height: Int
    /// Displacement of the content of each frame, pixels.
    public let path: [PixelShift]
    public let camera: CameraSample
    /// Electrons a pixel and frame.
    public let dose: Double
    public let field: LocalFieldSample?
    private let specimen: Spectrum
    private let seed: UInt64

    private static let border = 32

    public init(
        side: Int, frames: Int, seed: UInt64, dose: Double = 1.2, jitter: Double = 0.12, specimen: SpecimenSample? = nil,
        field: LocalFieldSample? = nil
    ) {
        (width, height) = (side, side)
        (self.dose, self.seed, self.field) = (dose, seed, field)
        path = DriftSample.path(frames: frames, seed: seed, jitter: jitter)
        camera = CameraSample(width: side, height: side, seed: seed)
        let large = side + 2 * Self.border
        self.specimen = (specimen ?? SpecimenSample(seed: seed)).spectrum(width: large, height: large)
    }

    /// As faint as movies are on which RELION 3.1.3 (`--use_own`) was found to be 0.55, 0.38 and 0.16 pixels off: 10 frames of 1024 x 1024,
    /// 20 of 2048 x 2048 and 30 of 4096 x 4096, at 1.2 electrons a pixel.
    public static func calibrated(side: Int, seed: UInt64, jitter: Double = 0.12) -> MovieSample {
        var specimen = SpecimenSample(seed: seed)
        specimen.contrast = side < 2048 ? 0.028 : side < 4096 ? 0.0204 : 0.0212
        return MovieSample(
            side: side, frames: side < 2048 ? 10 : side < 4096 ? 20 : 30, seed: seed, jitter: jitter, specimen: specimen)
    }

    public var frameCount: Int { path.count }
    public var storedBits: Int { 8 }

    /// Counts as the camera stores them, before any gain.
    public func frame(_ index: Int) -> Image {
        camera.counts(of: intensity(index), seed: seed &* 1_000_003 &+ UInt64(index))
    }

    /// Electrons that reach each pixel of a frame on average.
    public func intensity(_ index: Int) -> Image {
        var whole = moved(by: path[index])
        if let field { whole = field.applied(to: whole, border: Self.border, frame: index) }
        var intensity = whole.cropped(x: Self.border, y: Self.border, width: width, height: height)
        for i in intensity.pixels.indices { intensity.pixels[i] = Float(dose) * (1 + intensity.pixels[i]) }
        return intensity
    }

    /// All frames, for movies that fit into memory.
    public var frames: FrameList { FrameList((0..<frameCount).map(frame)) }

    /// 8-bit MRC.
    public func write(to path: String) throws {
        let writer = try MRCWriter(path: path, width: width, height: height, mode: .int8, pixelSize: 1)
        for index in 0..<frameCount { try writer.append(frame(index)) }
        try writer.finish()
    }

    public func writeTIFF(to path: String, compression: TIFFWriter.Compression = .lzw) throws {
        let writer = try TIFFWriter(
            path: path, width: width, height: height, pixels: .uint8, compression: compression, pixelSize: 1)
        for index in 0..<frameCount { try writer.append(frame(index)) }
        try writer.finish()
    }

    /// exp(−2πi k·s) for each frequency.
    private func moved(by shift: PixelShift) -> Image {
        var result = specimen
        let columns = (0..<result.columns).map { Self.factor(Double(result.frequency(ofColumn: $0)) * shift.x) }
        for row in 0..<result.height {
            let (c, s) = Self.factor(Double(result.frequency(ofRow: row)) * shift.y)
            for (column, (u, v)) in columns.enumerated() {
                let at = (row * result.columns + column) * 2
                let (re, im) = (u * c - v * s, u * s + v * c)
                let (a, b) = (result.values[at], result.values[at + 1])
                result.values[at] = a * re - b * im
                result.values[at + 1] = a * im + b * re
            }
        }
        return FourierTransform.inverse(result)
    }

    private static func factor(_ turns: Double) -> (Float, Float) {
        (Float(cos(2 * .pi * turns)), Float(-sin(2 * .pi * turns)))
    }
}
