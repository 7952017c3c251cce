import Testing

@testable import RunModel

@Suite struct WrittenTests {
    @Test(
        arguments: [
            (2.5, 3), (-2.5, -3), (0, 0), (1e300, Int.max), (-1e300, Int.min), (.infinity, Int.max), (-.infinity, Int.min),
            (.nan, 0),
            (9.3e18, Int.max),
        ] as [(Double, Int)])
    func `a number of others becomes the nearest whole one`(value: Double, whole: Int) {
        #expect(Int(clamping: value) == whole)
    }
}
