import Foundation
import Imaging
import Testing

/// Grids whose mesh is the same, so that only what lies on it tells one from another.
@Suite struct AtlasMatchTests {
    /// µm, of a mesh with a pitch of 80 µm.
    private static let pixelSize = 2.0

    /// The image as it looks when the grid is turned around its middle by so many degrees and then moved by so many µm.
    private func moved(_ image: Image, degrees: Double, x: Double, y: Double) -> Image {
        let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        var result = Image(width: image.width, height: image.height)
        let (middleX, middleY) = (Double(image.width - 1) / 2, Double(image.height - 1) / 2)
        for row in 0..<image.height {
            for column in 0..<image.width {
                let (u, v) = (Double(column) - middleX - x / Self.pixelSize, Double(row) - middleY - y / Self.pixelSize)
                result[column, row] = image.value(atX: middleX + c * u + s * v, y: middleY - s * u + c * v)
            }
        }
        return result
    }

    @Test(arguments: [(0.0, 0.0, 0.0), (3, 32, -24), (-3, -90, 41), (7.3, 130, 60), (-12, 5, 150)])
    func `a grid that lies otherwise is found to a third of a pixel, and known again`(degrees: Double, x: Double, y: Double) {
        let atlas = SyntheticGrid.atlas(side: 640, seed: 3).image
        let look = moved(atlas, degrees: degrees, x: x, y: y)
        let match = AtlasMatch(of: look, pixelSize: Self.pixelSize, with: atlas, atlasPixelSize: Self.pixelSize)
        #expect(abs(match.rotation * 180 / .pi - degrees) < 0.03)
        #expect(hypot(match.shift.x - x, match.shift.y - y) < 0.7)
        #expect(match.score > 0.9)
    }

    @Test func `a look at the middle, with fewer pixels, is enough`() {
        let atlas = SyntheticGrid.atlas(side: 640, seed: 3).image
        let look = moved(atlas, degrees: 3, x: 32, y: -24).cropped(x: 160, y: 160, width: 320, height: 320).binned(by: 2)
        let match = AtlasMatch(of: look, pixelSize: 2 * Self.pixelSize, with: atlas, atlasPixelSize: Self.pixelSize)
        #expect(abs(match.rotation * 180 / .pi - 3) < 0.1)
        #expect(hypot(match.shift.x - 32, match.shift.y + 24) < 1.5)
        #expect(match.score > 0.8)
    }

    @Test(arguments: 11...16 as ClosedRange<UInt64>) func `another grid with the same mesh is not taken for it`(seed: UInt64) {
        let atlas = SyntheticGrid.atlas(side: 640, seed: 3).image
        let other = SyntheticGrid.atlas(side: 640, seed: seed).image
        let match = AtlasMatch(of: other, pixelSize: Self.pixelSize, with: atlas, atlasPixelSize: Self.pixelSize)
        #expect(match.score < 0.5)
    }

    @Test func `an empty image is like nothing`() {
        let atlas = SyntheticGrid.atlas(side: 640, seed: 3).image
        for empty in [Image(width: 640, height: 640), Image(width: 1, height: 1, filledWith: 7)] {
            #expect(abs(AtlasMatch(of: empty, pixelSize: 2, with: atlas, atlasPixelSize: 2).score) < 0.2)
        }
    }
}
