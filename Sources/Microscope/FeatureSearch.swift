import Glibc
import Imaging
import RunModel

/// Where a look found a feature, from the middle of the image.
public struct FoundFeature: Hashable, Sendable {
    public let shift: PlaneShift
    /// 0 to 1.
    public let correlation: Double
    public init(shift: PlaneShift, correlation: Double) {
        self.shift = shift
        self.correlation = correlation
    }
}

/// Measures in a picture how far the nearest square or hole lies from the middle.
package enum FeatureSearch {
    /// Pixels along each side of a picture that is searched.
    package static let side = 256

    /// Nil where nothing in the picture looks like the feature. `pixelSize` is in µm; `angle`, in radians, is how a square is turned.
    package static func find(_ feature: MappedFeature, in image: Image, pixelSize: Double, angle: Double) -> FoundFeature? {
        let template = Template(feature, pixelSize: pixelSize, angle: angle)
        let scores = correlate(image, template)
        let middle = Double(side - 1) / 2
        let peaks = localMaxima(of: scores, within: template.reach, atLeast: 0.25)
        let rated = peaks.map { peak in (peak: peak, match: template.match(image, at: peak), away: distance(peak, middle)) }
        guard let best = rated.filter({ $0.match > 0.5 }).min(by: { $0.away < $1.away }) else { return nil }
        let (x, y) = refined(best.peak, in: scores)
        let shift = PlaneShift(x: .micrometres((x - middle) * pixelSize), y: .micrometres((y - middle) * pixelSize))
        return FoundFeature(shift: shift, correlation: min(1, best.match))
    }

    private static func distance(_ peak: (x: Int, y: Int), _ middle: Double) -> Double {
        let (dx, dy) = (Double(peak.x) - middle, Double(peak.y) - middle)
        return (dx * dx + dy * dy).squareRoot()
    }

    /// The product of the picture's transform and the template's conjugate one, turned back.
    private static func correlate(_ image: Image, _ template: Template) -> Image {
        var product = FourierTransform.forward(image)
        let other = FourierTransform.forward(template.centred(side: side))
        for index in stride(from: 0, to: product.values.count, by: 2) {
            let (a, b) = (product.values[index], product.values[index + 1])
            let (c, d) = (other.values[index], other.values[index + 1])
            product.values[index] = a * c + b * d
            product.values[index + 1] = b * c - a * d
        }
        return FourierTransform.inverse(product)
    }

    private static func localMaxima(of scores: Image, within reach: Int, atLeast fraction: Float) -> [(x: Int, y: Int)] {
        let inner = max(1, side / 2 - reach)..<min(side - 1, side / 2 + reach)
        let top = inner.flatMap { y in inner.map { scores[$0, y] } }.max() ?? 0
        guard top > 0 else { return [] }
        return inner.flatMap { y in inner.map { (x: $0, y: y) } }.filter { x, y in
            let value = scores[x, y]
            guard value >= top * fraction else { return false }
            return (-1...1).allSatisfy { dy in (-1...1).allSatisfy { dx in scores[x + dx, y + dy] <= value } }
        }
    }

    private static func refined(_ peak: (x: Int, y: Int), in scores: Image) -> (Double, Double) {
        func offset(_ before: Float, _ at: Float, _ after: Float) -> Double {
            let bend = before - 2 * at + after
            return bend < 0 ? Double(max(-0.5, min(0.5, (before - after) / (2 * bend)))) : 0
        }
        let (x, y) = peak
        return (
            Double(x) + offset(scores[x - 1, y], scores[x, y], scores[x + 1, y]),
            Double(y) + offset(scores[x, y - 1], scores[x, y], scores[x, y + 1])
        )
    }
}

/// A bright disc or window with its dark surroundings, of sum 0.
private struct Template {
    let image: Image
    /// How far from the middle a feature is looked for, pixels.
    let reach: Int

    /// `angle`: how a square is turned, radians.
    init(_ feature: MappedFeature, pixelSize: Double, angle: Double) {
        let half = feature.size.micrometres / 2 / pixelSize
        let border = feature.kind == .hole ? half * 0.5 : half * 0.25
        let width = 2 * Int((half * (feature.kind == .hole ? 1 : 1.35) + border).rounded(.up)) + 1
        let middle = Double(width - 1) / 2
        let (c, s) = (cos(-angle), sin(-angle))
        var image = Image(width: width, height: width)
        for row in 0..<width {
            for column in 0..<width {
                let (dx, dy) = (Double(column) - middle, Double(row) - middle)
                let (x, y) = (c * dx - s * dy, s * dx + c * dy)
                let away = feature.kind == .hole ? (x * x + y * y).squareRoot() - half : max(abs(x), abs(y)) - half
                image[column, row] = away < 0 ? 1 : away < border ? -1 : 0
            }
        }
        self.image = Self.balanced(image)
        reach = min(FeatureSearch.side / 2 - 2, Int(half * (feature.kind == .hole ? 3 : 1.4)))
    }

    private static func balanced(_ image: Image) -> Image {
        let bright = Float(image.pixels.filter { $0 > 0 }.count)
        let dark = Float(image.pixels.filter { $0 < 0 }.count)
        return image.mapped { $0 > 0 ? 1 / max(1, bright) : $0 < 0 ? -1 / max(1, dark) : 0 }
    }

    /// In the corners of a picture of the given side, so that a correlation's peak is the feature's place.
    func centred(side: Int) -> Image {
        var result = Image(width: side, height: side)
        let half = image.width / 2
        for y in 0..<image.height where image.height <= side {
            for x in 0..<image.width { result[(x - half + side) % side, (y - half + side) % side] = image[x, y] }
        }
        return result
    }

    /// Normalised cross-correlation over the template's own pixels; what hangs over the picture's border is left out.
    func match(_ picture: Image, at place: (x: Int, y: Int)) -> Double {
        var sums = (n: 0.0, a: 0.0, b: 0.0, aa: 0.0, bb: 0.0, ab: 0.0)
        for y in 0..<image.height {
            for x in 0..<image.width where image[x, y] != 0 {
                let (px, py) = (place.x + x - image.width / 2, place.y + y - image.height / 2)
                guard picture.contains(x: px, y: py) else { continue }
                let (a, b) = (Double(image[x, y]), Double(picture[px, py]))
                sums = (sums.n + 1, sums.a + a, sums.b + b, sums.aa + a * a, sums.bb + b * b, sums.ab + a * b)
            }
        }
        let spread = (sums.aa - sums.a * sums.a / sums.n) * (sums.bb - sums.b * sums.b / sums.n)
        return spread > 0 ? (sums.ab - sums.a * sums.b / sums.n) / spread.squareRoot() : 0
    }
}
