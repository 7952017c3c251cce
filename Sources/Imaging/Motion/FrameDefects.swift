/// Pixels of the camera that always say too much or nothing.
///
/// They stand still while the specimen moves, and would pull every alignment towards no motion.
struct FrameDefects {
    let positions: [Int]
    private let replacements: [[Int32]]

    /// Found in the sum of all frames: a pixel that differs from its surroundings by far more than noise does.
    /// `deadGain`: those a gain reference has no number for.
    init(inSum sum: Image, deadGain: [Int] = []) {
        let noise = Self.noise(of: sum)
        // Where so many differ, it is the picture that is like this.
        let candidates = noise > 0 ? Self.candidates(in: sum, noise: noise) : []
        let seen = candidates.count <= sum.pixels.count / 50 ? candidates.filter { Self.isDefect($0, of: sum, noise: noise) } : []
        let found = deadGain.isEmpty ? seen : Set(seen).union(deadGain).sorted()
        let all = Set(found)
        positions = found
        replacements = found.map { Self.goodNeighbours(of: $0, in: sum, without: all) }
    }

    /// Replaces each by one of its good neighbours, another one in each frame: a mean, or always the same one,
    /// would leave a pattern that stands still.
    func repair(_ image: inout Image, frame: Int) {
        image.pixels.withUnsafeMutableBufferPointer { repair($0, frame: frame) }
    }

    func repair(_ pixels: UnsafeMutableBufferPointer<Float>, frame: Int) {
        repair(pixels, from: 0, frame: frame)
    }

    /// `pixels`: rows of the frame, of which the first pixel is the frame's pixel `start`.
    func repair(_ pixels: UnsafeMutableBufferPointer<Float>, from start: Int, frame: Int) {
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < start { low = middle + 1 } else { high = middle }
        }
        for i in low..<positions.count where !replacements[i].isEmpty {
            let position = positions[i]
            guard position < start + pixels.count else { break }
            let mixed = (UInt64(frame) &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(position) &* 0xBF58_476D_1CE4_E5B9
            let chosen = Int((mixed >> 33) % UInt64(replacements[i].count))
            let from = Int(replacements[i][chosen]) - start
            if pixels.indices.contains(from) { pixels[position - start] = pixels[from] }
        }
    }

    /// Standard deviation of one pixel, from differences of neighbours, which hold little of the specimen.
    private static func noise(of image: Image) -> Float {
        var differences = image
        for i in stride(from: image.pixels.count - 1, to: 0, by: -1) { differences.pixels[i] -= image.pixels[i - 1] }
        let ends = differences.percentiles([0.0228, 0.9772])
        return (ends[1] - ends[0]) / 4 / Float(2).squareRoot()
    }

    private static func candidates(in image: Image, noise: Float) -> [Int] {
        var found: [Int] = []
        let threshold = 5 * noise
        // Counts of nothing where there should be a dozen are no chance, though they lie within the noise.
        let nothing = image.median > leastMean * noise ? 0 : -Float.infinity
        image.pixels.withUnsafeBufferPointer { p in
            for i in 1..<p.count {
                let isStep = abs(p[i] - p[i - 1]) > threshold
                if isStep && found.last != i - 1 { found.append(i - 1) }
                if isStep || p[i] <= nothing { found.append(i) }
            }
        }
        return found
    }

    /// Standard deviations of Poisson counts of 11, of which one in 60,000 is nothing.
    private static let leastMean: Float = 3.3

    private static func isDefect(_ position: Int, of image: Image, noise: Float) -> Bool {
        let around = neighbours(of: position, in: image, reach: 2).map { image.pixels[$0] }.sorted()
        let median = around[around.count / 2]
        let value = image.pixels[position]
        return value > median + 7 * noise || (value < median - 6 * noise && value < 0.25 * median)
            || (value <= 0 && median > leastMean * noise)
    }

    private static func goodNeighbours(of position: Int, in image: Image, without bad: Set<Int>) -> [Int32] {
        // Rows and columns that a camera has given up may be several pixels wide.
        for reach in [2, 4, 8, farthest] {
            let good = neighbours(of: position, in: image, reach: reach).filter { !bad.contains($0) }.map(Int32.init)
            if !good.isEmpty { return good }
        }
        return []
    }

    /// Rows around a band of a frame that its repair may take pixels from.
    static let farthest = 16

    private static func neighbours(of position: Int, in image: Image, reach: Int) -> [Int] {
        let (x, y) = (position % image.width, position / image.width)
        var found: [Int] = []
        for dy in -reach...reach {
            for dx in -reach...reach where (dx != 0 || dy != 0) && image.contains(x: x + dx, y: y + dy) {
                found.append((y + dy) * image.width + x + dx)
            }
        }
        return found
    }
}
