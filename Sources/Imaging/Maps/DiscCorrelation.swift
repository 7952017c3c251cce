/// Correlates an image with a bright disc in a darker ring, everywhere at once.
struct DiscCorrelation {
    /// −1…1: 1 where the image is exactly such a disc.
    let map: Image

    /// What is looked for: the bright disc itself, or on a picture of edges its rim.
    enum Shape {
        case disc, rim
    }

    /// `relief` is about zero on the film; `energy` is the least local variance a place must have to count in full.
    init(_ relief: Image, diameter: Double, energy: Float, shape: Shape = .disc) {
        let pad = Int(2 * diameter) + 2
        let (width, height) = (FourierLength.after(relief.width + pad), FourierLength.after(relief.height + pad))
        let padded = relief.framed(width: width, height: height)
        let (template, support) = Self.templates(width: width, height: height, diameter: diameter, shape: shape)
        let image = FourierTransform.forward(padded)
        let square = FourierTransform.forward(padded.mapped { $0 * $0 })
        let area = support.pixels.reduce(0, +)
        let supportSpectrum = FourierTransform.forward(support)
        let product = Self.correlate(image, FourierTransform.forward(template))
        let sum = Self.correlate(image, supportSpectrum)
        let squares = Self.correlate(square, supportSpectrum)
        let variance = squares.combined(with: sum) { max($0 - $1 * $1 / area, energy * area) }
        map = product.combined(with: variance) { $0 / $1.squareRoot() }
            .cropped(x: 0, y: 0, width: relief.width, height: relief.height)
    }

    init(map: Image) { self.map = map }

    /// The shape with what lies around it, mean 0 and square sum 1, and the pixels it covers; middle at (0, 0), wrapped around.
    private static func templates(width: Int, height: Int, diameter: Double, shape: Shape) -> (Image, Image) {
        let (inner, outer) = (diameter / 2, diameter * 0.8)
        let half = max(1, diameter / 16)
        var template = Image(width: width, height: height)
        var support = template
        let reach = Int(outer.rounded(.up))
        for dy in -reach...reach {
            for dx in -reach...reach {
                let radius = Double(dx * dx + dy * dy).squareRoot()
                guard radius <= outer else { continue }
                let at = (dy + height) % height * width + (dx + width) % width
                support.pixels[at] = 1
                // One pixel of slope, so that sizes between pixels differ.
                let depth = shape == .disc ? inner + 0.5 - radius : half + 0.5 - abs(radius - inner)
                template.pixels[at] = Float(min(max(depth, 0), 1))
            }
        }
        let area = support.pixels.reduce(0, +)
        let mean = template.pixels.reduce(0, +) / area
        template = template.combined(with: support) { ($0 - mean) * $1 }
        let norm = template.pixels.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return (template.mapped { $0 / norm }, support)
    }

    private static func correlate(_ image: Spectrum, _ template: Spectrum) -> Image {
        var result = image
        result.multiply(byConjugateOf: template)
        return FourierTransform.inverse(result)
    }

    struct Peak {
        let place: PixelShift
        let score: Double
    }

    /// Local maxima over `threshold`, the best first, none closer to a better one than `distance`.
    func peaks(over threshold: Float, distance: Double, atMost limit: Int) -> [Peak] {
        var candidates: [(index: Int, value: Float)] = []
        let width = map.width
        for y in 1..<map.height - 1 {
            for x in 1..<width - 1 {
                let i = y * width + x
                let v = map.pixels[i]
                guard v > threshold, v >= map.pixels[i - 1], v > map.pixels[i + 1], v >= map.pixels[i - width],
                    v > map.pixels[i + width]
                else { continue }
                candidates.append((i, v))
            }
        }
        var kept: [Peak] = []
        for candidate in candidates.sorted(by: { ($0.value, $1.index) > ($1.value, $0.index) }) where kept.count < limit {
            let place = subpixel(candidate.index)
            if kept.allSatisfy({ ($0.place - place).length >= distance }) {
                kept.append(Peak(place: place, score: Double(candidate.value)))
            }
        }
        return kept
    }

    /// The best value within `reach` of a place.
    func best(near place: PixelShift, reach: Double) -> Peak {
        var best = (x: Int(place.x.rounded()), y: Int(place.y.rounded()), value: -Float.infinity)
        let r = Int(reach.rounded(.up))
        let (cx, cy) = (best.x, best.y)
        for y in cy - r...cy + r {
            for x in cx - r...cx + r where map.contains(x: x, y: y) && map[x, y] > best.value { best = (x, y, map[x, y]) }
        }
        return Peak(place: PixelShift(x: Double(best.x), y: Double(best.y)), score: Double(max(best.value, 0)))
    }

    private func subpixel(_ index: Int) -> PixelShift {
        let (x, y) = (index % map.width, index / map.width)
        let around = map.cropped(x: x - 1, y: y - 1, width: 3, height: 3)
        let dx = CorrelationPeak.vertex(around[0, 1], around[1, 1], around[2, 1])
        let dy = CorrelationPeak.vertex(around[1, 0], around[1, 1], around[1, 2])
        return PixelShift(x: Double(x) + dx, y: Double(y) + dy)
    }
}
