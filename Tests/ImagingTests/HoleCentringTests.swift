import Foundation
import Imaging
import ImagingSamples
import Testing

@Suite struct HoleCentringTests {
    @Test(arguments: [
        ("hole_image.mrc", 339.0, 183.0, 146.0), ("ice_holes.mrc", 128, 118, 140), ("ice_holes.mrc", 225, 375, 140),
    ])
    func `whole holes of real images are centred`(file: String, x: Double, y: Double, diameter: Double) throws {
        let image = try MRCFile.image(path: Fixtures.resource(file))
        for told in [0.9, 1, 1.1] {
            let hole = try #require(HoleFinder.centre(in: image, diameter: diameter * told, nearX: x, y: y))
            #expect(hypot(hole.x - x, hole.y - y) < 0.1 * diameter)
            #expect(abs(hole.size - diameter) < 0.25 * diameter)
        }
    }

    @Test(arguments: UInt64(1)...6)
    func `a hole is centred however it stands out from the foil`(seed: UInt64) throws {
        let contrasts = SquareSample.Settings.Contrast.allCases
        var settings = SquareSample.Settings(.r22, seed: seed, side: 560, pixelSize: 170)
        (settings.window, settings.tears, settings.exposures, settings.spots) = (9, 0, 0, 0)
        let sample = SquareSample(settings.with(contrasts[Int(seed) % contrasts.count]), seed: seed)
        let hole = try #require(sample.holes.filter { $0.isWhole && $0.kind == .good }.first)
        let found = try #require(HoleFinder.centre(in: sample.image, diameter: hole.diameter, nearX: hole.x, y: hole.y))
        #expect(hypot(found.x - hole.x, found.y - hole.y) < 0.06 * hole.diameter)
    }

    @Test func `an even image and an absurd diameter have no hole`() {
        let even = Image(width: 200, height: 200, filledWith: 7)
        #expect(HoleFinder.centre(in: even, diameter: 60) == nil)
        #expect(HoleFinder.centre(in: even, diameter: 0) == nil)
        #expect(HoleFinder.centre(in: even, diameter: 1e9) == nil)
        #expect(HoleFinder.centre(in: even, diameter: .nan) == nil)
    }

    @Test func `the mean of the holes finds a hole's middle again`() throws {
        var settings = SquareSample.Settings(.r12, seed: 9, side: 600)
        (settings.spots, settings.exposures, settings.tears) = (0, 0, 0)
        let sample = SquareSample(settings, seed: 9)
        let items = HoleFinder.findHoles(in: sample.image, pixelSize: sample.settings.pixelSize, holeDiameter: 1.2, spacing: 2.5)
        let template = try #require(HoleTemplate(of: items, in: sample.image))
        let good = sample.holes.filter { $0.isWhole && $0.kind == .good }
        // Holes at the border, too: there the template is compared with what the picture has.
        let misses = good.map { hole in
            template.place(nearX: hole.x + 4, y: hole.y - 3, in: sample.image, reach: 8).map {
                hypot($0.x - hole.x, $0.y - hole.y)
            }
        }
        #expect(good.count > 100)
        #expect(misses.allSatisfy { ($0 ?? .infinity) < 0.06 * good[0].diameter })
        #expect(HoleTemplate(of: [], in: sample.image) == nil)
    }
}
