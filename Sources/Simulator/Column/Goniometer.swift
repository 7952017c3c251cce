import Glibc
import RunModel

/// A stage that believes to be where it was sent, and is beside it.
///
/// Three parts, as on a real one: a smooth error of the whole range, up to 1.5 µm, which two places in one square share; a new error
/// of some 0.3 µm at every long move, which short moves mostly keep; and a backlash against the direction of the move.
package struct Goniometer: Sendable {
    private let seed: UInt64
    /// Where it says it is.
    package private(set) var position = StagePosition(x: .zero, y: .zero)
    package private(set) var tilt = 0.0
    private var slip = SpecimenPoint.zero
    package private(set) var movedAt: Timestamp?
    package private(set) var moves = 0

    init(seed: UInt64) { self.seed = seed }

    /// Where it is.
    var truePosition: SpecimenPoint { SpecimenPoint(position) + rangeError + slip }

    private var rangeError: SpecimenPoint {
        let here = SpecimenPoint(position)
        return SpecimenPoint(
            x: SmoothNoise(seed: Seed.of(seed, 1), scale: 600).value(at: here) * 1.5,
            y: SmoothNoise(seed: Seed.of(seed, 2), scale: 600).value(at: here) * 1.5)
    }

    package mutating func move(to target: StagePosition, at moment: Timestamp) {
        moves += 1
        var random = SplitMix64(seed: Seed.of(seed, 3, moves))
        let way = SpecimenPoint(target) - SpecimenPoint(position)
        let fresh = SpecimenPoint.polar(random.uniform(0.15...0.38), random.uniform(0...(2 * .pi)))
        let backlash = way.length > 0 ? way * (-0.08 / way.length) : .zero
        let change = 1 - exp(-way.length / 8)
        slip = slip * (1 - change) + (fresh + backlash) * change
        position = target
        movedAt = moment
    }

    mutating func raise(to z: Length) { position.z = z }
    package mutating func tilt(to angle: Double, at moment: Timestamp) {
        tilt = angle
        movedAt = moment
    }

    /// How fast the specimen creeps, Å/s: quick after a move, never quite still. `seconds` since the move in the column's own time.
    package func creep(after seconds: Double) -> SpecimenPoint {
        var random = SplitMix64(seed: Seed.of(seed, 4, moves))
        let speed = random.uniform(2...7) * exp(-seconds / 12) + random.uniform(0.2...0.7)
        return .polar(speed, random.uniform(0...(2 * .pi)))
    }
}

/// What the objective lens does to an image.
package struct Lens: Sendable {
    /// The defocus that a specimen at the stage's height would have, µm, negative under focus.
    package var defocus = -1.6
    /// Difference of the two principal defoci, Å.
    package var astigmatism = 120.0
    /// Radians from x to the stronger under focus.
    package var astigmatismAngle = 0.6
}
