import Testing

@testable import Imaging

@Suite struct CorrelationTests {
    @Test(arguments: [(12, -7), (-80, 33), (85, 85), (0, 0)])
    func `a shift of up to a third of the field is found`(dx: Int, dy: Int) throws {
        let (image, reference) = Self.views(dx: dx, dy: dy)
        let offset = try Correlation.offset(of: image, against: reference)
        #expect(abs(offset.shift.x - Double(dx)) < 0.5)
        #expect(abs(offset.shift.y - Double(dy)) < 0.5)
        #expect(offset.peak > 0.5)
    }

    @Test func `unlike images have a low peak`() throws {
        let a = Self.scene(seed: 1).cropped(x: 0, y: 0, width: 256, height: 256)
        let b = Self.scene(seed: 2).cropped(x: 0, y: 0, width: 256, height: 256)
        #expect(try Correlation.offset(of: a, against: b).peak < 0.45)
    }

    @Test func `images of two sizes are refused`() {
        #expect(throws: ImagingError.self) {
            try Correlation.offset(of: Image(width: 8, height: 8), against: Image(width: 8, height: 9))
        }
    }

    private static func scene(seed: UInt64) -> Image {
        Fixtures.noise(width: 480, height: 480, seed: seed).blurred(sigma: 3).normalised()
    }

    /// Two views of one scene, each with noise of its own; content of the first sits at (`dx`, `dy`) against the second.
    private static func views(dx: Int, dy: Int) -> (Image, Image) {
        let scene = scene(seed: 3)
        let moved = scene.cropped(x: 110 - dx, y: 110 - dy, width: 256, height: 256)
        let fixed = scene.cropped(x: 110, y: 110, width: 256, height: 256)
        let noise = { (seed: UInt64) in Fixtures.noise(width: 256, height: 256, deviation: 0.3, seed: seed) }
        return (moved.combined(with: noise(4)) { $0 + $1 }, fixed.combined(with: noise(5)) { $0 + $1 })
    }
}
