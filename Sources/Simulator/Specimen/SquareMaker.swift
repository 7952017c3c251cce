import RunModel

/// Lays out the squares of a grid: where they are, and what became of each when the sample was frozen.
struct SquareMaker {
    package let seed: UInt64
    let pitch: Double
    let radius: Double
    package let angle: Double
    /// Across the grid the ice thickens in one direction, nm per µm.
    let slope: SpecimenPoint
    let meanIce: Double

    init(seed: UInt64, pitch: Double, radius: Double, angle: Double, random: inout SplitMix64) {
        self.seed = seed
        self.pitch = pitch
        self.radius = radius
        self.angle = angle
        slope = .polar(random.uniform(0.05...0.11), random.uniform(0...(2 * .pi)))
        meanIce = random.uniform(48...70)
    }

    func squares() -> [SimulatedSquare] {
        let reach = Int((radius / pitch).rounded(.up)) + 1
        return (-reach...reach).flatMap { row in (-reach...reach).compactMap { square(column: $0, row: row) } }
    }

    private func square(column: Int, row: Int) -> SimulatedSquare? {
        var random = SplitMix64(seed: Seed.of(seed, 10, column, row))
        let wobble = SpecimenPoint(x: random.normal() * 0.4, y: random.normal() * 0.4)
        let centre = SpecimenPoint(x: Double(column) * pitch, y: Double(row) * pitch).turned(by: angle) + wobble
        let halfSide = pitch * 0.33 * random.uniform(0.985...1.015)
        guard centre.length < radius + halfSide * 0.5 else { return nil }
        let isPartial = centre.length + halfSide * 1.35 > radius
        let targetClass = isPartial ? .partial : chooseClass(at: centre, &random)
        return SimulatedSquare(
            column: column, row: row, targetClass: targetClass, centre: centre, halfSide: halfSide,
            angle: angle + random.normal() * 0.004, seed: Seed.of(seed, 11, column, row),
            ice: ice(targetClass, at: centre, &random), tear: targetClass == .cracked ? tear(halfSide, &random) : nil)
    }

    private func chooseClass(at centre: SpecimenPoint, _ random: inout SplitMix64) -> TargetClass {
        let patch = SmoothNoise(seed: Seed.of(seed, 12), scale: 190).value(at: centre)
        return switch random.unit() {
        case ..<0.09: .cracked
        case ..<0.17: .contaminated
        case ..<(0.25 + max(0, patch) * 0.5): .dark
        default: .good
        }
    }

    private func ice(_ targetClass: TargetClass, at centre: SpecimenPoint, _ random: inout SplitMix64) -> IceLayer {
        let trend = slope.x * centre.x + slope.y * centre.y
        let own = meanIce + trend + random.normal() * 6
        return IceLayer(
            thickness: targetClass == .dark ? random.uniform(240...420) : max(15, own),
            gradient: .polar(random.uniform(0.1...0.7), random.uniform(0...(2 * .pi))), unevenness: random.uniform(3...10),
            seed: random.next())
    }

    private func tear(_ halfSide: Double, _ random: inout SplitMix64) -> Tear {
        Tear(
            centre: SpecimenPoint(x: random.normal() * halfSide * 0.2, y: random.normal() * halfSide * 0.2),
            radius: halfSide * random.uniform(0.4...0.75), points: Double(Int.random(in: 3...5, using: &random)),
            phase: random.uniform(0...(2 * .pi)))
    }
}
