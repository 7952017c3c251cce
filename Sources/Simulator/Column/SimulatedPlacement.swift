import RunModel

/// How a grid truly lies on the stage, against how it lay when it was loaded first: turned around the stage's middle, then moved.
public struct SimulatedPlacement: Hashable, Sendable {
    public let slot: Int
    /// Radians, counter-clockwise.
    public let turn: Double
    public let shift: PlaneShift
}

extension SimulatedColumn {
    /// The grid on the stage as it lies there; nil for none.
    public var specimenOnStage: SimulatedSpecimen? { change { $0.specimen } }
    public var placementOnStage: SimulatedPlacement? { change { $0.placement } }
    /// How the grid lay when this atlas was taken.
    public func placement(ofAtlas file: String) -> SimulatedPlacement? { change { $0.atlases[file] } }
}

extension SimulatedSpecimen {
    func placed(_ placement: SimulatedPlacement) -> Self {
        guard placement.turn != 0 || placement.shift != .zero else { return self }
        let shift = SpecimenPoint(x: placement.shift.x.micrometres, y: placement.shift.y.micrometres)
        return placed(turnedBy: placement.turn, movedBy: shift)
    }
}
