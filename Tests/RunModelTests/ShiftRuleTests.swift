import RunModel
import Testing

@Suite struct ShiftRuleTests {
    private static let grid = GridID("s", slot: 1)
    private static let centred = CentredHole(hole: hole(1), mapped: at(100, 50), stage: at(101, 49.5))

    private static func at(_ x: Double, _ y: Double) -> StagePosition {
        StagePosition(x: .micrometres(x), y: .micrometres(y))
    }
    private static func hole(_ number: Int, square: Int = 7) -> TargetID {
        TargetID(hole: number, of: TargetID(square: square, of: grid))
    }
    private static func target(_ id: TargetID, _ x: Double, _ y: Double) -> Target {
        Target(id: id, point: PixelPoint(x: 0, y: 0), size: 20, stage: at(x, y), targetClass: .good, brightness: 1)
    }
    private func shift(
        to target: Target = target(hole(2), 103, 54), from centred: CentredHole? = centred,
        standingAt stage: StagePosition = at(101, 49.5), limit: Double = 5, reach: Double = 0
    ) -> PlaneShift? {
        ShiftRule.shift(
            to: target, from: centred, standingAt: stage, limit: .micrometres(limit), reach: .micrometres(reach))
    }

    @Test func `the shift is the distance on the map, whatever the map is off by`() {
        #expect(shift() == PlaneShift(x: .micrometres(3), y: .micrometres(4)))
    }

    @Test func `exposures beside the middle must lie within the limit too`() {
        #expect(shift(limit: 5.25, reach: 0.25) != nil)
        #expect(shift(limit: 5.25, reach: 0.26) == nil)
        #expect(shift(limit: 4.99) == nil)
    }

    @Test func `a limit of 0 moves the stage to every hole`() {
        #expect(shift(to: Self.target(Self.hole(2), 100, 50), limit: 0) == nil)
    }

    @Test func `another square has another map, and the centred hole itself is aligned again`() {
        #expect(shift(to: Self.target(Self.hole(2, square: 8), 103, 54)) == nil)
        #expect(shift(to: Self.target(Self.hole(1), 100, 50)) == nil)
        #expect(shift(from: nil) == nil)
    }

    @Test func `a stage that was driven elsewhere is gone to anew`() {
        #expect(shift(standingAt: Self.at(101.03, 49.5)) != nil)
        #expect(shift(standingAt: Self.at(101.06, 49.5)) == nil)
    }
}
