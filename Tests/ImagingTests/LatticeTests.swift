import Testing

@testable import Imaging

@Suite struct LatticeTests {
    @Test func `a turned lattice with a gap and a stray point is recognised`() throws {
        var points: [PixelShift] = []
        for i in 0..<6 {
            for j in 0..<6 where (i, j) != (2, 3) {
                points.append(PixelShift(x: 20.0 * Double(i) - 3 * Double(j), y: 3.0 * Double(i) + 20 * Double(j)))
            }
        }
        points.append(PixelShift(x: 51, y: 51))
        let lattice = try #require(Lattice(points, pitches: 10...40))
        #expect(lattice.members.count == 35)
        let inner = lattice.gaps { abs($0.x - 31) < 5 && abs($0.y - 66) < 5 }
        #expect(inner.count == 1 && (inner[0].place - PixelShift(x: 31, y: 66)).length < 0.1)
    }

    @Test func `scattered points are no lattice`() {
        let points = [(0.0, 0.0), (13, 2), (40, 9), (21, 50), (77, 31)].map { PixelShift(x: $0.0, y: $0.1) }
        #expect(Lattice(points, pitches: 5...60) == nil)
    }
}
