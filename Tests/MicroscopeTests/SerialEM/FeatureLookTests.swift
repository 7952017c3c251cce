import Foundation
import Imaging
import RunModel
import Testing

@testable import Microscope

@Suite struct FeatureLookTests {
    /// A picture with bright places on a dark ground, drawn turned and flipped as a camera may see them.
    private func picture(turn: Double, micrometres: Double, bright: (Double, Double) -> Bool) throws -> StagePicture {
        let (c, s) = (cos(turn) * micrometres, sin(turn) * micrometres)
        // A flip besides the turn: rows that run the other way.
        let toStage = Affine(xx: c, xy: s, yx: s, yy: -c, dx: 100, dy: -50)
        var image = Image(width: 512, height: 480)
        for y in 0..<480 {
            for x in 0..<512 {
                let place = toStage(Double(x), Double(y))
                image[x, y] = bright(place.x, place.y) ? 200 : 20
            }
        }
        return try #require(StagePicture(image, toStage: toStage))
    }

    @Test(arguments: [0.0, 0.3, 1.57, 3.0, -2.1]) func `a hole beside the middle is found where it is`(_ turn: Double) throws {
        let probe = try picture(turn: turn, micrometres: 0.03) { _, _ in false }
        let (hx, hy) = (probe.centre.x.micrometres + 0.4, probe.centre.y.micrometres - 0.7)
        let seen = try picture(turn: turn, micrometres: 0.03) { x, y in
            // A lattice of holes, the nearest of them beside the middle.
            let (u, v) = ((x - hx) / 2.5, (y - hy) / 2.5)
            return hypot((u - u.rounded()) * 2.5, (v - v.rounded()) * 2.5) < 0.6
        }
        let feature = MappedFeature(kind: .hole, position: seen.centre, size: .micrometres(1.2))
        let look = FeatureLook(seen).find(feature)
        let found = try #require(look)
        #expect(abs(found.shift.x.micrometres - 0.4) < 0.06 && abs(found.shift.y.micrometres + 0.7) < 0.06)
        #expect(found.correlation > 0.6)
    }

    @Test(arguments: [0.1, 1.4, -0.6]) func `a square that is turned is found where it is`(_ turn: Double) throws {
        let probe = try picture(turn: turn, micrometres: 0.13) { _, _ in false }
        let (sx, sy) = (probe.centre.x.micrometres + 2.4, probe.centre.y.micrometres + 1.7)
        let seen = try picture(turn: turn, micrometres: 0.13) { x, y in
            let (u, v) = ((x - sx) * cos(0.2) + (y - sy) * sin(0.2), (y - sy) * cos(0.2) - (x - sx) * sin(0.2))
            return max(abs(u), abs(v)) < 22
        }
        let feature = MappedFeature(kind: .square, position: seen.centre, size: .micrometres(44))
        let look = FeatureLook(seen).find(feature)
        let found = try #require(look)
        #expect(abs(found.shift.x.micrometres - 2.4) < 0.4 && abs(found.shift.y.micrometres - 1.7) < 0.4)
    }

    @Test func `an even picture has no feature`() throws {
        let even = try picture(turn: 0, micrometres: 0.03) { _, _ in true }
        let found = FeatureLook(even).find(MappedFeature(kind: .hole, position: even.centre, size: .micrometres(1.2)))
        #expect(found == nil || found!.correlation < 0.3)
    }

    @Test func `a picture is turned to the stage's axes`() throws {
        let seen = try picture(turn: 1.2, micrometres: 0.05) { x, y in x > 92 && y > -45 }
        let map = seen.map(file: "f", at: Timestamp(milliseconds: 0))
        for (x, y, isBright) in [(93.0, -44.0, true), (91, -44, false), (93, -46, false), (95, -43, true)] {
            let pixel = map.pixel(at: StagePosition(x: .micrometres(x), y: .micrometres(y)))
            guard seen.image.contains(x: Int(pixel.x), y: Int(pixel.y)) else { continue }
            #expect((seen.image[Int(pixel.x.rounded()), Int(pixel.y.rounded())] > 100) == isBright)
        }
    }
}
