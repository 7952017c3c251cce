import Glibc
import Imaging

/// Projections of the grid's molecule from many sides: stacked rings of seven, as chaperones are built.
package struct ParticleViews {
    package static let count = 24
    package let views: [Image]

    /// `pixelSize`: Å.
    init(seed: UInt64, pixelSize: Double) {
        var random = SplitMix64(seed: Seed.of(seed, 40))
        let subunits = Self.molecule(&random)
        let side = max(8, Int(210 / pixelSize))
        views = (0..<Self.count).map { _ in
            Self.project(subunits, Turn(&random), side: side, pixelSize: pixelSize)
        }
    }

    private struct Subunit {
        let x: Double
        let y: Double
        let z: Double
        let sigma: Double
    }

    private struct Turn {
        let around: Double
        let tilt: Double
        let spin: Double

        /// Most molecules lie on their side or stand on end.
        init(_ random: inout SplitMix64) {
            around = random.uniform(0...(2 * .pi))
            tilt = random.chance(0.4) ? random.normal() * 0.15 : .pi / 2 + random.normal() * 0.25
            spin = random.uniform(0...(2 * .pi))
        }
    }

    private static func molecule(_ random: inout SplitMix64) -> [Subunit] {
        let twist = random.uniform(0.1...0.4)
        return [(-52.0, 46.0), (-20.0, 52.0), (20.0, 52.0), (52.0, 46.0)].enumerated().flatMap { layer, ring in
            (0..<7).map { member in
                let angle = (Double(member) + Double(layer) * twist) * 2 * .pi / 7
                return Subunit(x: ring.1 * cos(angle), y: ring.1 * sin(angle), z: ring.0, sigma: 11.5)
            }
        }
    }

    private static func project(_ subunits: [Subunit], _ turn: Turn, side: Int, pixelSize: Double) -> Image {
        var image = Image(width: side, height: side)
        for subunit in subunits {
            let flat = SpecimenPoint(x: subunit.x, y: subunit.y).turned(by: turn.around)
            let tilted = SpecimenPoint(x: flat.x, y: flat.y * cos(turn.tilt) - subunit.z * sin(turn.tilt)).turned(by: turn.spin)
            stamp(tilted * (1 / pixelSize), sigma: subunit.sigma / pixelSize, onto: &image)
        }
        return image
    }

    private static func stamp(_ centre: SpecimenPoint, sigma: Double, onto image: inout Image) {
        let middle = Double(image.width - 1) / 2
        let columns = (0..<image.width).map { Float(exp(-pow((Double($0) - middle - centre.x) / sigma, 2) / 2)) }
        let rows = (0..<image.height).map { Float(exp(-pow((Double($0) - middle - centre.y) / sigma, 2) / 2)) }
        for y in 0..<image.height where rows[y] > 0.003 {
            for x in 0..<image.width { image.pixels[y * image.width + x] += rows[y] * columns[x] }
        }
    }
}
