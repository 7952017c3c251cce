/// How parts of the field move against the whole: for each axis a polynomial of the third degree in time and the second in place.
///
/// d(x, y, t) = Σ tⁱ (a + b·x + c·x² + d·y + e·y² + f·xy), i = 1…3, as RELION and MotionCor2 have it. 18 numbers an axis are few enough
/// to be found from noisy patches, and cannot follow their noise.
public struct LocalMotion: Sendable, Equatable {
    static let terms = 18

    /// Of x and of y; places run from −0.5 to 0.5 over the field, time from 0 to 1 over the movie. Pixels.
    public let x: [Double]
    public let y: [Double]
    public let width: Int
    public let height: Int
    public let frames: Int

    /// Displacement of the content at this pixel, beyond that of the whole frame.
    public func displacement(x px: Double, y py: Double, frame: Int) -> PixelShift {
        let basis = Self.basis(u: px / Double(width) - 0.5, v: py / Double(height) - 0.5, t: time(frame))
        let dot = { (a: [Double]) in zip(a, basis).reduce(0) { $0 + $1.0 * $1.1 } }
        return PixelShift(x: dot(x), y: dot(y))
    }

    func time(_ frame: Int) -> Double { Double(frame) / Double(max(1, frames - 1)) }

    static func basis(u: Double, v: Double, t: Double) -> [Double] {
        let places = [1, u, u * u, v, v * v, u * v]
        return places.map { $0 * t } + places.map { $0 * t * t } + places.map { $0 * t * t * t }
    }

    /// In one row of pixels of one frame the displacement is a parabola in u.
    func row(_ coefficients: [Double], v: Double, frame: Int) -> SIMD3<Float> {
        let t = time(frame)
        var sums = SIMD3<Double>.zero
        for (i, power) in [t, t * t, t * t * t].enumerated() {
            let a = coefficients[6 * i..<6 * i + 6].map { $0 * power }
            sums += SIMD3(a[0] + a[3] * v + a[4] * v * v, a[1] + a[5] * v, a[2])
        }
        return SIMD3<Float>(sums)
    }
}
