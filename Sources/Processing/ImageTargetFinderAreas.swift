import Imaging
import RunModel

/// Areas of a continuous film, spread evenly over the bright window of a square.
struct AreaSpread {
    /// From one area's centre to the next, and the side of an area, µm.
    private static let pitch = 5.0
    private static let side = 2.0
    /// Longest side of the image as it is worked on.
    private static let workSide = 384

    let targets: [FoundTarget]

    /// `pixelSize`: Å.
    init(_ image: Image, pixelSize: Double) {
        let work = image.resized(toFit: Self.workSide).blurred(sigma: 1.5)
        let scale = Double(image.width) / Double(work.width)
        let toPixels = 10_000 / (pixelSize * scale)
        let ends = work.percentiles([0.02, 0.98])
        let bar = (ends[0] + ends[1]) / 2
        let reach = max(1, Int((Self.side * toPixels / 2).rounded()))
        let places = Self.places(in: work, pitch: max(4, Self.pitch * toPixels))
        let parts = places.compactMap { place -> (point: PixelPoint, statistics: ImageStatistics)? in
            let part = work.cropped(x: place.x - reach, y: place.y - reach, width: 2 * reach + 1, height: 2 * reach + 1)
            // One that reaches onto a bar of the mesh does not count.
            guard part.pixels.allSatisfy({ $0 > bar }) else { return nil }
            let point = PixelPoint(x: (Double(place.x) + 0.5) * scale - 0.5, y: (Double(place.y) + 0.5) * scale - 0.5)
            return (point, part.statistics)
        }
        let brightest = max(parts.map(\.statistics.mean).max() ?? 0, .leastNormalMagnitude)
        targets = parts.map { part in
            FoundTarget(
                point: part.point, size: Self.side * toPixels * scale,
                targetClass: part.statistics.standardDeviation > 0.25 * part.statistics.mean ? .contaminated : .good,
                brightness: part.statistics.mean / brightest)
        }
    }

    /// Counted from the middle outwards, so that the middle of the square is always one of them.
    private static func places(in image: Image, pitch: Double) -> [(x: Int, y: Int)] {
        let (middleX, middleY) = (Double(image.width - 1) / 2, Double(image.height - 1) / 2)
        let rows = Int(middleY / pitch)
        let columns = Int(middleX / pitch)
        return (-rows...rows).flatMap { row in
            (-columns...columns).map { column in
                (Int((middleX + Double(column) * pitch).rounded()), Int((middleY + Double(row) * pitch).rounded()))
            }
        }
    }
}
