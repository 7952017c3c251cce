import Glibc
import RunModel

/// What lies in and on the ice.
extension SimulatedSpecimen {
    /// Frost and dirt on one square.
    func contamination(of square: SimulatedSquare) -> [ContaminationBlob] {
        var random = SplitMix64(seed: Seed.of(square.seed, 20))
        let isDirty = square.targetClass == .contaminated
        let clumps = isDirty ? 7 : 2
        return (0..<clumps).flatMap { _ in clump(of: square, isDirty: isDirty, &random) }
    }

    private func clump(of square: SimulatedSquare, isDirty: Bool, _ random: inout SplitMix64) -> [ContaminationBlob] {
        let reach = square.halfSide * 0.95
        let middle = SpecimenPoint(x: random.uniform(-reach...reach), y: random.uniform(-reach...reach))
        let members = Int.random(in: isDirty ? 4...9 : 1...4, using: &random)
        return (0..<members).map { _ in
            let local = middle + SpecimenPoint(x: random.normal() * 1.3, y: random.normal() * 1.3)
            return ContaminationBlob(
                centre: square.centre + local.turned(by: square.angle),
                radius: random.uniform(isDirty ? 0.4...1.7 : 0.12...0.55), elongation: random.uniform(1...1.8),
                angle: random.uniform(0...Double.pi), opacity: random.uniform(0.75...0.97))
        }
    }

    /// A molecule in the ice: where, and which of the views of it.
    struct Particle: Hashable, Sendable {
        package let centre: SpecimenPoint
        package let view: Int
    }

    /// Molecules in an area, spread loosely: never two on one spot. A cell of 19 nm holds one or none.
    func particles(in area: SpecimenArea, views: Int) -> [Particle] {
        let cell = 0.019
        let columns = Int((area.low.x / cell).rounded(.down))...Int((area.high.x / cell).rounded(.up))
        let rows = Int((area.low.y / cell).rounded(.down))...Int((area.high.y / cell).rounded(.up))
        return rows.flatMap { row in
            columns.compactMap { column in
                var random = SplitMix64(seed: Seed.of(seed, 30, column, row))
                guard random.chance(0.7) else { return nil }
                let centre = SpecimenPoint(
                    x: (Double(column) + random.uniform(0.25...0.75)) * cell,
                    y: (Double(row) + random.uniform(0.25...0.75)) * cell)
                return Particle(centre: centre, view: Int(random.next() % UInt64(views)))
            }
        }
    }
}
