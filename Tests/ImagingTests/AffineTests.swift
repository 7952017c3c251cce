import Testing

@testable import Imaging

@Suite struct AffineTests {
    private let turn = Affine(xx: 0.2, xy: -1.4, yx: 1.3, yy: 0.1, dx: 30, dy: -7)

    @Test func `a map and its inverse lead back to where one was`() throws {
        let back = try #require(turn.inverse)
        let there = turn(12, -5)
        let here = back(there.x, there.y)
        #expect(abs(here.x - 12) < 1e-9 && abs(here.y + 5) < 1e-9)
        let both = back.after(turn)
        #expect(abs(both.xx - 1) < 1e-12 && abs(both.xy) < 1e-12 && abs(both.dx) < 1e-9)
        #expect(Affine(xx: 1, xy: 2, yx: 2, yy: 4).inverse == nil)
    }

    @Test func `a fit finds the map that points were made with`() throws {
        let points: [(x: Double, y: Double)] = [(0, 0), (800, 10), (-3, 700), (812, 705)]
        let fit = try #require(Affine.fitting(points.map { (from: $0, to: turn($0.x, $0.y)) }))
        for (a, b) in [
            (fit.xx, turn.xx), (fit.xy, turn.xy), (fit.yx, turn.yx), (fit.yy, turn.yy), (fit.dx, turn.dx), (fit.dy, turn.dy),
        ] {
            #expect(abs(a - b) < 1e-9)
        }
        #expect(Affine.fitting([(0, 0), (1, 1), (2, 2)].map { (from: ($0.0, $0.1), to: ($0.0, $0.1)) }) == nil)
    }

    @Test func `a quarter turn moves every pixel and changes none`() {
        let image = Image(width: 3, height: 2, pixels: [1, 2, 3, 4, 5, 6])
        // The new (x, y) shows the old (y, 1 − x).
        let turned = image.resampled(width: 2, height: 3, outside: -1, through: Affine(xx: 0, xy: 1, yx: -1, yy: 0, dx: 0, dy: 1))
        #expect(turned.pixels == [4, 1, 5, 2, 6, 3])
    }

    @Test func `what lies outside takes the value that was told`() {
        let image = Image(width: 2, height: 2, filledWith: 8)
        let wide = image.resampled(width: 4, height: 2, outside: 3, through: Affine(xx: 1, xy: 0, yx: 0, yy: 1, dx: -1, dy: 0))
        #expect(wide.pixels == [3, 8, 8, 3, 3, 8, 8, 3])
    }
}
