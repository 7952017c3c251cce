/// A map of the plane: x' = xx·x + xy·y + dx and y' = yx·x + yy·y + dy.
public struct Affine: Hashable, Sendable {
    public var xx: Double
    public var xy: Double
    public var yx: Double
    public var yy: Double
    public var dx: Double
    public var dy: Double

    public init(xx: Double, xy: Double, yx: Double, yy: Double, dx: Double = 0, dy: Double = 0) {
        self.xx = xx
        self.xy = xy
        self.yx = yx
        self.yy = yy
        self.dx = dx
        self.dy = dy
    }

    public var determinant: Double { xx * yy - xy * yx }

    @inline(__always)
    public func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (xx * x + xy * y + dx, yx * x + yy * y + dy)
    }

    /// A displacement, which no offset moves.
    public func turning(_ x: Double, _ y: Double) -> (x: Double, y: Double) { (xx * x + xy * y, yx * x + yy * y) }

    /// nil where the map flattens the plane.
    public var inverse: Affine? {
        let d = determinant
        guard d.isFinite, abs(d) > .leastNormalMagnitude else { return nil }
        let back = Affine(xx: yy / d, xy: -xy / d, yx: -yx / d, yy: xx / d)
        let offset = back.turning(dx, dy)
        return Affine(xx: back.xx, xy: back.xy, yx: back.yx, yy: back.yy, dx: -offset.x, dy: -offset.y)
    }

    /// First `other`, then this one.
    public func after(_ other: Affine) -> Affine {
        let offset = self(other.dx, other.dy)
        return Affine(
            xx: xx * other.xx + xy * other.yx, xy: xx * other.xy + xy * other.yy, yx: yx * other.xx + yy * other.yx,
            yy: yx * other.xy + yy * other.yy, dx: offset.x, dy: offset.y)
    }

    /// The map that brings the first points closest to the second ones; nil for fewer than three, or for points in a line.
    public static func fitting(_ pairs: [(from: (x: Double, y: Double), to: (x: Double, y: Double))]) -> Affine? {
        guard pairs.count >= 3 else { return nil }
        let n = Double(pairs.count)
        let mean = pairs.reduce((fx: 0.0, fy: 0.0, tx: 0.0, ty: 0.0)) {
            ($0.fx + $1.from.x / n, $0.fy + $1.from.y / n, $0.tx + $1.to.x / n, $0.ty + $1.to.y / n)
        }
        var (aa, ab, bb) = (0.0, 0.0, 0.0)
        var (ax, bx, ay, by) = (0.0, 0.0, 0.0, 0.0)
        for pair in pairs {
            let (a, b) = (pair.from.x - mean.fx, pair.from.y - mean.fy)
            let (x, y) = (pair.to.x - mean.tx, pair.to.y - mean.ty)
            aa += a * a
            ab += a * b
            bb += b * b
            ax += a * x
            bx += b * x
            ay += a * y
            by += b * y
        }
        let d = aa * bb - ab * ab
        guard d > 1e-9 * max(aa, bb) * max(aa, bb) else { return nil }
        let turn = Affine(
            xx: (ax * bb - bx * ab) / d, xy: (bx * aa - ax * ab) / d, yx: (ay * bb - by * ab) / d, yy: (by * aa - ay * ab) / d)
        let middle = turn.turning(mean.fx, mean.fy)
        return Affine(
            xx: turn.xx, xy: turn.xy, yx: turn.yx, yy: turn.yy, dx: mean.tx - middle.x, dy: mean.ty - middle.y)
    }
}

extension Image {
    /// A picture of the given size whose pixel (x, y) shows this image at `source(x, y)`, between pixels by their neighbours;
    /// what lies outside this image is `outside`.
    public func resampled(width newWidth: Int, height newHeight: Int, outside: Float, through source: Affine) -> Image {
        var result = Image(width: newWidth, height: newHeight, filledWith: outside)
        guard width > 0, height > 0 else { return result }
        // Half a pixel beyond the outermost centres still belongs to the image.
        let (right, top) = (Double(width - 1), Double(height - 1))
        pixels.withUnsafeBufferPointer { from in
            result.pixels.withUnsafeMutableBufferPointer { to in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let place = source(Double(x), Double(y))
                        guard place.x >= -0.5, place.y >= -0.5, place.x <= right + 0.5, place.y <= top + 0.5 else { continue }
                        let (u, v) = (min(max(place.x, 0), right), min(max(place.y, 0), top))
                        let (column, row) = (min(Int(u), max(0, width - 2)), min(Int(v), max(0, height - 2)))
                        let (fx, fy) = (Float(u - Double(column)), Float(v - Double(row)))
                        let index = row &* width &+ column
                        let (next, above) = (width > 1 ? 1 : 0, height > 1 ? width : 0)
                        let low = from[index] + (from[index &+ next] - from[index]) * fx
                        let high = from[index &+ above] + (from[index &+ above &+ next] - from[index &+ above]) * fx
                        to[y &* newWidth &+ x] = low + (high - low) * fy
                    }
                }
            }
        }
        return result
    }
}
