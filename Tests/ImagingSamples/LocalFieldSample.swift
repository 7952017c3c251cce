import Glibc
import Imaging

/// Parts of the specimen that move against each other, as a film does that bends under the beam: waves over the field that die away in time.
public struct LocalFieldSample: Sendable {
    /// Pixels.
    public var amplitude = 3.0
    /// Frames until the motion has gone two thirds of its way.
    public var fading = 5.0

    public init() {}

    /// Displacement beyond that of the whole, at a place from 0 to 1 over the field.
    public func displacement(u: Double, v: Double, frame: Int) -> PixelShift {
        let grown = amplitude * (1 - exp(-Double(frame) / fading))
        return PixelShift(x: grown * sin(2.2 * u + 0.9 * v - 1.4), y: grown * cos(1.3 * u - 2.0 * v + 1.9) * 0.8)
    }

    /// What `image` shows when its content is displaced, by a windowed sine cardinal over eight by eight pixels.
    func applied(to image: Image, border: Int, frame: Int) -> Image {
        var result = image
        let side = (x: Double(image.width - 2 * border), y: Double(image.height - 2 * border))
        for y in 4..<image.height - 5 {
            for x in 4..<image.width - 5 {
                let (u, v) = (Double(x - border) / side.x, Double(y - border) / side.y)
                let first = displacement(u: u, v: v, frame: frame)
                // Displacements are told where the content came from.
                let d = displacement(u: u - first.x / side.x, v: v - first.y / side.y, frame: frame)
                result.pixels[y * image.width + x] = Self.value(image, Double(x) - d.x, Double(y) - d.y)
            }
        }
        return result
    }

    private static func value(_ image: Image, _ x: Double, _ y: Double) -> Float {
        let (x0, y0) = (min(max(Int(x), 3), image.width - 5), min(max(Int(y), 3), image.height - 5))
        let columns = SIMD8<Float>((0..<8).map { Float(kernel(x - Double(x0 - 3 + $0))) })
        var sum: Float = 0
        image.pixels.withUnsafeBytes { bytes in
            for j in 0..<8 {
                let start = ((y0 - 3 + j) * image.width + x0 - 3) * 4
                let eight = bytes.loadUnaligned(fromByteOffset: start, as: SIMD8<Float>.self)
                sum += Float(kernel(y - Double(y0 - 3 + j))) * (eight * columns).sum()
            }
        }
        return sum
    }

    private static func kernel(_ t: Double) -> Double {
        guard abs(t) > 1e-9 else { return 1 }
        guard abs(t) < 4 else { return 0 }
        let a = Double.pi * t
        return sin(a) / a * sin(a / 4) / (a / 4)
    }
}
