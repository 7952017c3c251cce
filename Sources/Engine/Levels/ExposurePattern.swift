import Glibc
import RunModel

/// Where in a hole the exposures go.
enum ExposurePattern {
    /// One exposure goes to the centre. Several go round on a circle of a quarter of the diameter, so that their beams do not overlap.
    /// `number` counts from 1.
    static func shift(number: Int, of count: Int, holeDiameter: Length) -> PlaneShift {
        let radius = reach(of: count, holeDiameter: holeDiameter).micrometres
        guard radius > 0 else { return .zero }
        let angle = 2 * Double.pi * Double((number - 1) % count) / Double(count)
        return PlaneShift(x: .micrometres(radius * cos(angle)), y: .micrometres(radius * sin(angle)))
    }

    /// How far from the hole's middle they lie.
    static func reach(of count: Int, holeDiameter: Length) -> Length { count > 1 ? holeDiameter * 0.25 : .zero }
}
