/// Means over rings one pixel wide around the middle of a spectrum, by distance in pixels.
struct RadialAverage {
    let means: [Float]

    /// Of `part` of each pixel.
    init(_ plane: Image, of part: (Float) -> Float) {
        let middle = plane.width / 2
        var sums = [Double](repeating: 0, count: middle)
        var counts = sums
        plane.pixels.withUnsafeBufferPointer { pixels in
            // The other half of a spectrum is the same.
            for dy in 2..<middle {
                for dx in -middle + 1..<middle where abs(dx) > 1 {
                    let radius = Double(dx * dx + dy * dy).squareRoot()
                    let bin = Int(radius)
                    guard bin + 1 < middle else { continue }
                    let value = Double(part(pixels[(middle + dy) * 2 * middle + middle + dx]))
                    let share = radius - Double(bin)
                    sums[bin] += value * (1 - share)
                    counts[bin] += 1 - share
                    sums[bin + 1] += value * share
                    counts[bin + 1] += share
                }
            }
        }
        means = zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 }
    }
}
