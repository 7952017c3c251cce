import Glibc
import Imaging

/// How a specimen moves under the beam: a jump that dies away over the first frames, a slow drift of the stage, and jitter.
public enum DriftSample {
    /// Displacement of the content in each frame, pixels.
    public static func path(frames: Int, seed: UInt64, jitter: Double = 0.12) -> [PixelShift] {
        var random = SeededGenerator(seed: seed &* 7919 &+ 13)
        let (jump, jumpAngle) = (random.uniform(2...6), random.uniform(0...2 * .pi))
        let (drift, driftAngle) = (random.uniform(0.05...0.25), random.uniform(0...2 * .pi))
        let bend = random.uniform(-0.03...0.03)
        let fading = random.uniform(1.2...3)
        return (0..<frames).map { frame in
            let t = Double(frame)
            let jumped = jump * (1 - exp(-t / fading))
            let angle = driftAngle + bend * t
            return PixelShift(
                x: jumped * cos(jumpAngle) + drift * t * cos(angle) + jitter * random.gaussian(),
                y: jumped * sin(jumpAngle) + drift * t * sin(angle) + jitter * random.gaussian())
        }
    }

    /// Root mean square over both axes of what `found` is off, each path counted from its own mean, in pixels.
    public static func rms(of found: [PixelShift], from truth: [PixelShift]) -> Double {
        let count = Double(truth.count)
        let differences = zip(found, truth).map { $0 - $1 }
        let mean = differences.reduce(PixelShift.zero, +)
        let centre = PixelShift(x: mean.x / count, y: mean.y / count)
        let squares = differences.reduce(0.0) { sum, d in sum + (d - centre).length * (d - centre).length }
        return (squares / (2 * count)).squareRoot()
    }
}
