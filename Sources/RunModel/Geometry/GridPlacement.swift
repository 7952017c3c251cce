/// How a grid lies on the stage against how it lay when its atlas was taken: turned around the stage's zero, then moved.
///
/// The turn is kept as it is reckoned with, so that whoever folds it comes to the same places to the last digit.
public struct GridPlacement: Hashable, Sendable, Codable {
    /// Degrees, counter-clockwise.
    public var rotation: Double
    /// Of the rotation.
    public var cosine: Double
    public var sine: Double
    public var shift: PlaneShift

    public init(rotation: Double, cosine: Double, sine: Double, shift: PlaneShift) {
        self.rotation = rotation
        self.cosine = cosine
        self.sine = sine
        self.shift = shift
    }

    public static let unmoved = GridPlacement(rotation: 0, cosine: 1, sine: 0, shift: .zero)

    /// Where what lay here lies now; the height stays.
    public func place(_ position: StagePosition) -> StagePosition {
        let turned = turn(PlaneShift(x: position.x, y: position.y))
        return StagePosition(x: turned.x + shift.x, y: turned.y + shift.y, z: position.z)
    }

    /// What brings places that this placement has moved to where `newer` has them.
    public func leading(to newer: GridPlacement) -> GridPlacement {
        let step = GridPlacement(
            rotation: newer.rotation - rotation, cosine: newer.cosine * cosine + newer.sine * sine,
            sine: newer.sine * cosine - newer.cosine * sine, shift: .zero)
        let back = step.turn(shift)
        return GridPlacement(
            rotation: step.rotation, cosine: step.cosine, sine: step.sine,
            shift: PlaneShift(x: newer.shift.x - back.x, y: newer.shift.y - back.y))
    }

    /// A displacement, which no shift moves.
    public func turn(_ displacement: PlaneShift) -> PlaneShift {
        let (x, y) = (displacement.x.micrometres, displacement.y.micrometres)
        return PlaneShift(x: .micrometres(cosine * x - sine * y), y: .micrometres(sine * x + cosine * y))
    }
}
