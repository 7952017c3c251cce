import Testing

@testable import Imaging

@Suite struct SimplexTests {
    @Test func `the top of a slanted hill is found`() {
        let peak = Simplex.climb(from: [0, 0], steps: [1, 1], tolerance: 1e-6) { p in
            -(p[0] - 3) * (p[0] - 3) - 10 * (p[1] + 2 - 0.3 * p[0]) * (p[1] + 2 - 0.3 * p[0])
        }
        #expect(abs(peak.point[0] - 3) < 1e-3 && abs(peak.point[1] + 1.1) < 1e-3)
    }
}
