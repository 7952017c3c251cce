import RunModel
import Testing

@Suite struct FocusRuleTests {
    private static let grid = GridID("s", slot: 1)
    private static let last = Focused(grid: grid, place: at(100, 50, z: 3), aim: .micrometres(-1))

    private static func at(_ x: Double, _ y: Double, z: Double = 0) -> StagePosition {
        StagePosition(x: .micrometres(x), y: .micrometres(y), z: .micrometres(z))
    }
    private func choose(
        _ last: Focused? = last, on grid: GridID = grid, at place: StagePosition? = at(100, 50), aim: Double = -1,
        within distance: Double = 5
    ) -> FocusRule.Choice {
        FocusRule.choose(last: last, on: grid, at: place, aim: .micrometres(aim), within: .micrometres(distance))
    }

    @Test func `near the last measurement only the series goes on`() {
        #expect(choose() == .change(by: .zero))
        #expect(choose(aim: -1.5) == .change(by: .micrometres(-0.5)))
        #expect(choose(at: Self.at(103, 54), aim: -0.75) == .change(by: .micrometres(0.25)))
    }

    @Test func `beyond the distance it is measured, whatever the height`() {
        #expect(choose(at: Self.at(103, 54.1)) == .measure)
        #expect(choose(at: Self.at(105, 50, z: -80)) == .change(by: .zero))
    }

    @Test func `it is measured where nothing is known, on another grid, and everywhere at a distance of 0`() {
        #expect(choose(nil) == .measure)
        #expect(choose(on: GridID("s", slot: 2)) == .measure)
        #expect(choose(at: nil) == .measure)
        #expect(choose(within: 0) == .measure)
    }
}
