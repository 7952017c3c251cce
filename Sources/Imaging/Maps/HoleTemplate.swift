import Glibc

/// The mean picture of the holes of a square: what a hole of this foil looks like here, for finding its middle again.
public struct HoleTemplate: Sendable {
    /// A hole in the middle, with its surroundings; an odd number of pixels a side.
    public let image: Image
    /// How many holes it is the mean of.
    public let count: Int
    /// Of the hole, pixels.
    public let diameter: Double

    /// From good holes that were well seen; nil for fewer than four. Dirt and ice differ from hole to hole and average out.
    public init?(of items: [FoundItem], in image: Image) {
        let good = items.filter { $0.class == .good && $0.score > 0.45 }
        guard good.count >= 4, let size = good.first?.size, size >= 3 else { return nil }
        let half = Int((0.8 * size).rounded(.up))
        let inside = good.filter {
            min($0.x, $0.y) >= Double(half + 1)
                && $0.x <= Double(image.width - half - 2) && $0.y <= Double(image.height - half - 2)
        }
        guard inside.count >= 4 else { return nil }
        // A thousand holes tell no more than two hundred.
        let used = inside.prefix(200)
        var sum = Image(width: 2 * half + 1, height: 2 * half + 1)
        for item in used {
            let part = Self.patch(of: image, x: item.x, y: item.y, half: half).normalised()
            sum = sum.combined(with: part) { $0 + $1 }
        }
        (self.image, count, diameter) = (sum.normalised(), used.count, size)
    }

    /// The middle of the hole nearest to a place as the template fits it best, with the correlation coefficient there;
    /// nil where nothing fits within `reach` pixels.
    public func place(nearX x: Double, y: Double, in picture: Image, reach: Double) -> (x: Double, y: Double, score: Double)? {
        guard x.isFinite, y.isFinite, picture.contains(x: Int(x.rounded()), y: Int(y.rounded())) else { return nil }
        let half = image.width / 2
        let steps = max(1, Int(reach.rounded(.up)))
        let side = 2 * steps + 1
        let part = Self.patch(of: picture, x: x, y: y, half: half + steps).normalised()
        let (columns, rows) = (Self.seen(x, picture.width, part.width), Self.seen(y, picture.height, part.height))
        var scores = Image(width: side, height: side, filledWith: -1)
        for dy in 0..<side {
            for dx in 0..<side { scores[dx, dy] = fit(part, dx, dy, columns: columns, rows: rows) }
        }
        guard let top = scores.pixels.indices.max(by: { scores.pixels[$0] < scores.pixels[$1] }) else { return nil }
        let (i, j) = (top % side, top / side)
        // A best fit at the rim of the search is the flank of something else.
        guard i > 0, j > 0, i < side - 1, j < side - 1, scores.pixels[top] > 0 else { return nil }
        let ax = CorrelationPeak.vertex(scores[i - 1, j], scores[i, j], scores[i + 1, j])
        let ay = CorrelationPeak.vertex(scores[i, j - 1], scores[i, j], scores[i, j + 1])
        return (x + Double(i - steps) + ax, y + Double(j - steps) + ay, Double(scores.pixels[top]))
    }

    /// Which of `count` pixels around a place lie in a picture this long.
    private static func seen(_ middle: Double, _ length: Int, _ count: Int) -> Range<Int> {
        let first = middle - Double(count / 2)
        let from = max(0, Int((-first).rounded(.up)))
        return from..<max(from, min(count, Int((Double(length - 1) - first).rounded(.down)) + 1))
    }

    /// Correlation coefficient of the template with a part of the picture, by what both have: a hole at the border
    /// shows less of its surroundings, and must not be drawn inwards to where all of them show. −1 where too little is seen.
    private func fit(_ part: Image, _ dx: Int, _ dy: Int, columns: Range<Int>, rows: Range<Int>) -> Float {
        let (side, width) = (image.width, part.width)
        let (left, right) = (max(0, columns.lowerBound - dx), min(side, columns.upperBound - dx))
        let (bottom, top) = (max(0, rows.lowerBound - dy), min(side, rows.upperBound - dy))
        guard left < right, bottom < top, 2 * (right - left) * (top - bottom) > side * side else { return -1 }
        var (a, b, aa, bb, ab) = (Float(0), Float(0), Float(0), Float(0), Float(0))
        part.pixels.withUnsafeBufferPointer { part in
            image.pixels.withUnsafeBufferPointer { template in
                for y in bottom..<top {
                    let (from, to) = ((y + dy) * width + dx, y * side)
                    for x in left..<right {
                        let (p, q) = (part[from &+ x], template[to &+ x])
                        (a, b, aa, bb, ab) = (a + p, b + q, aa + p * p, bb + q * q, ab + p * q)
                    }
                }
            }
        }
        let n = Float((right - left) * (top - bottom))
        let spread = (aa - a * a / n) * (bb - b * b / n)
        return spread > 0 ? (ab - a * b / n) / spread.squareRoot() : 0
    }

    private static func patch(of image: Image, x: Double, y: Double, half: Int) -> Image {
        var part = Image(width: 2 * half + 1, height: 2 * half + 1)
        for dy in -half...half {
            for dx in -half...half {
                part[dx + half, dy + half] = image.value(atX: x + Double(dx), y: y + Double(dy))
            }
        }
        return part
    }

    /// Each well-seen hole moved to where the mean of all fits it best, if that is near.
    static func recentred(_ items: [FoundItem], in image: Image) -> [FoundItem] {
        guard let template = HoleTemplate(of: items, in: image) else { return items }
        return items.map { item in
            guard item.score > 0.45, item.class != .partial,
                let place = template.place(nearX: item.x, y: item.y, in: image, reach: max(1, 0.1 * item.size)), place.score > 0.5
            else { return item }
            var item = item
            (item.x, item.y) = (place.x, place.y)
            return item
        }
    }
}
