import RunModel
import Simulator

/// How far the specimen has crept away from under the beam, as the camera sees it from one image to the next.
struct DriftTrack: Sendable {
    private var moves = -1
    private var movedAt: Timestamp?
    private var at: Timestamp?
    private var crept = SpecimenPoint.zero

    /// Longer than anyone measures; the stage's own error would hide more.
    private static let longest = 600.0

    /// Å since the stage last came to rest.
    mutating func advance(to reading: DriftReading) -> SpecimenPoint {
        // A tilt is no move, and the stage comes to rest after it all the same.
        if reading.moves != moves || reading.movedAt != movedAt {
            (moves, movedAt, at, crept) = (reading.moves, reading.movedAt, reading.movedAt ?? reading.moment.at, .zero)
        }
        let seconds = at.map { reading.moment.at.seconds(since: $0) * reading.moment.speed } ?? 0
        crept = crept + reading.way(inLast: min(max(0, seconds), Self.longest))
        at = reading.moment.at
        return crept
    }
}

/// What the goniometer does at a moment.
struct DriftReading: Sendable {
    private let goniometer: Goniometer
    private let shaking: SpecimenPoint
    let moment: Moment
    var moves: Int { goniometer.moves }
    var movedAt: Timestamp? { goniometer.movedAt }

    init(_ body: ColumnBody, at moment: Moment) {
        goniometer = body.goniometer
        self.moment = moment
        shaking = body.drift(at: moment) - goniometer.creep(after: Self.rest(goniometer, moment))
    }

    /// Seconds of the column's time since the stage moved; an hour where it never did.
    private static func rest(_ goniometer: Goniometer, _ moment: Moment) -> Double {
        goniometer.movedAt.map { max(0, moment.at.seconds(since: $0)) * moment.speed } ?? 3600
    }

    /// Å, by Simpson's rule over the creep, which is smooth; shaking counts as if it had lasted.
    func way(inLast seconds: Double) -> SpecimenPoint {
        guard seconds > 0 else { return .zero }
        let end = Self.rest(goniometer, moment)
        let steps = 2 * max(1, Int((seconds / 4).rounded(.up)))
        let width = seconds / Double(steps)
        let sum = (0...steps).reduce(SpecimenPoint.zero) { sum, step in
            let weight: Double = step == 0 || step == steps ? 1 : step % 2 == 1 ? 4 : 2
            return sum + goniometer.creep(after: end - seconds + Double(step) * width) * weight
        }
        return sum * (width / 3) + shaking * seconds
    }
}
