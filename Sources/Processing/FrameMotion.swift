import Imaging

/// How far a specimen moved while the shutter was open.
struct FrameMotion {
    /// e/Å²: up to this dose a specimen moves because the beam has just struck it, so that motion is reported by itself.
    private static let earlyDose = 4.0
    /// Å: several times that of a good grid.
    private static let excessive = 100.0

    /// Å, all steps.
    let total: Double
    /// Å, steps between frames whose dose was early; nil where the dose is not known or a single frame takes it all.
    let early: Double?

    /// `dosePerFrame`: e/Å², 0 where it is not known.
    init(_ shifts: [PixelShift], pixelSize: Double, dosePerFrame: Double) {
        let steps = zip(shifts, shifts.dropFirst()).map { first, second in
            let (x, y) = (second.x - first.x, second.y - first.y)
            return (x * x + y * y).squareRoot() * pixelSize
        }
        total = steps.reduce(0, +)
        let frames =
            dosePerFrame > 0 && dosePerFrame.isFinite ? Int(min(Self.earlyDose / dosePerFrame + 1e-6, Double(shifts.count))) : 0
        early = frames > 1 ? steps.prefix(frames - 1).reduce(0, +) : nil
    }

    static func isExcessive(_ total: Double) -> Bool { total > excessive }
}
