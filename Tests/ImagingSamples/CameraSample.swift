import Glibc
import Imaging

/// A counting camera: Poisson counts, pixels of unequal sensitivity, some that always fire and some that never do.
public struct CameraSample: Sendable {
    /// What corrected counts are multiplied with: one over each pixel's sensitivity.
    public let gain: Image
    private let sensitivity: Image
    private let hot: [Int: Float]
    private let dead: Set<Int>

    /// `spread`: standard deviation of the sensitivities; `defects`: one hot or dead pixel to so many.
    public init(width: Int, height: Int, seed: UInt64, spread: Double = 0.04, defects: Int = 20_000) {
        var random = SeededGenerator(seed: seed &* 104_729 &+ 5)
        var sensitivity = Image(width: width, height: height)
        for i in sensitivity.pixels.indices {
            let word = random.next()
            let sum = (0..<4).reduce(0.0) { $0 + Double(word >> (16 * UInt64($1)) & 0xFFFF) } / 65536 - 2
            sensitivity.pixels[i] = Float(max(0.5, 1 + spread * sum * 3.0.squareRoot()))
        }
        self.sensitivity = sensitivity
        gain = Image(width: width, height: height, pixels: sensitivity.pixels.map { 1 / $0 })
        let count = max(2, width * height / defects)
        var hot: [Int: Float] = [:]
        var dead: Set<Int> = []
        for i in 0..<count {
            let place = Int(random.uniform() * Double(width * height - 1))
            if i % 2 == 0 { hot[place] = Float(random.uniform(8...60)) } else { dead.insert(place) }
        }
        (self.hot, self.dead) = (hot, dead.subtracting(hot.keys))
    }

    /// Positions of all hot and dead pixels.
    public var defects: [Int] { (Array(hot.keys) + Array(dead)).sorted() }

    /// Counts of one frame: `intensity` electrons reach each pixel on average.
    public func counts(of intensity: Image, seed: UInt64) -> Image {
        var random = SeededGenerator(seed: seed)
        var counts = intensity
        counts.pixels.withUnsafeMutableBufferPointer { counts in
            sensitivity.pixels.withUnsafeBufferPointer { sensitivity in
                for i in counts.indices { counts[i] = Self.poisson(counts[i] * sensitivity[i], &random) }
            }
        }
        for place in dead { counts.pixels[place] = 0 }
        for place in hot.keys.sorted() { counts.pixels[place] = Self.poisson(hot[place] ?? 0, &random) }
        return counts
    }

    /// By adding up probabilities until they pass a uniform number; for means up to about 80.
    private static func poisson(_ mean: Float, _ random: inout SeededGenerator) -> Float {
        var chance = expf(-max(mean, 0))
        var left = Float(random.next() >> 40) * 0x1p-24 - chance
        var count: Float = 0
        while left > 0 && count < 127 {
            count += 1
            chance *= mean / count
            left -= chance
        }
        return count
    }
}
