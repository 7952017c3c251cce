import Glibc

/// How a grid lies in a new look at it against its atlas: turned and moved, with how alike the two are.
///
/// Found in two rounds: at low resolution over all rotations within reach, by the highest masked, normalised cross-correlation (Padfield, IEEE
/// Trans. Image Process. 21, 2706, 2012), then finely around the best. Meshes repeat: of the places that a mesh allows, the one whose squares are
/// bright and dark alike is taken, and that likeness, which no mesh feigns, is the score.
public struct AtlasMatch: Sendable, Equatable {
    /// Radians, counter-clockwise: what lies in a direction on the atlas lies so much further round in the new look.
    public let rotation: Double
    /// µm, along the images' axes: where the atlas's middle lies in the new look, from that one's middle.
    public let shift: PixelShift
    /// -1 to 1: the correlation coefficient of the two from square to square. Another grid with the same mesh gives up to 0.5.
    public let score: Double

    /// Radians, how far a cartridge may come to lie otherwise.
    private static let reach = 15.0 * .pi / 180
    /// Longest side of the atlas in each round, pixels.
    private static let (coarseSide, fineSide) = (256, 768)

    /// `pixelSize`s in µm. The new look may show less than the atlas does.
    public init(of image: Image, pixelSize: Double, with atlas: Image, atlasPixelSize: Double) {
        let coarse = MatchFrame(atlas, pixelSize: atlasPixelSize, side: Self.coarseSide)
        let look = MatchedLook(image, pixelSize: pixelSize, sampledAt: coarse.pixelSize)
        let steps = Int((Self.reach / (.pi / 180)).rounded())
        let rounds = (-steps...steps).map { coarse.peak(of: look, turnedBy: Double($0) * .pi / 180) }
        var best = rounds.max { $0.height < $1.height } ?? coarse.peak(of: look, turnedBy: 0)
        best = coarse.placeWithLikeSquares(of: look, turnedBy: best.rotation) ?? best

        let fine = MatchFrame(atlas, pixelSize: atlasPixelSize, side: Self.fineSide)
        let fineLook = MatchedLook(image, pixelSize: pixelSize, sampledAt: fine.pixelSize)
        var step = 0.5 * .pi / 180
        while step > 0.02 * .pi / 180 {
            best = fine.refined(best, of: fineLook, step: step)
            step /= 4
        }
        rotation = best.rotation
        // From the turned look back into the look as it is.
        let (c, s) = (cos(best.rotation), sin(best.rotation))
        shift = PixelShift(x: c * best.shift.x - s * best.shift.y, y: s * best.shift.x + c * best.shift.y)
        score = coarse.likeness(of: look, best)
    }
}

/// A rotation, where the look then lies best, µm in the atlas's directions, and how well.
private struct MatchedPlace {
    var rotation: Double
    var shift: PixelShift
    var height: Double
}

/// A new look at the grid, no finer than it is compared at.
private struct MatchedLook {
    let image: Image
    /// µm.
    let pixelSize: Double

    init(_ image: Image, pixelSize: Double, sampledAt target: Double) {
        let factor = min(1, pixelSize / target)
        self.image = image.resized(
            width: Int((Double(image.width) * factor).rounded()), height: Int((Double(image.height) * factor).rounded()))
        self.pixelSize = pixelSize * Double(image.width) / Double(self.image.width)
    }
}

/// The atlas at one resolution, and looks brought into its frame.
private struct MatchFrame {
    let atlas: Image
    /// µm.
    let pixelSize: Double
    private let passed: BandPassed
    /// µm: standard deviations between which the brightness of squares varies, above any mesh and below the slope of the ice.
    private static let squares = (inner: 45.0, outer: 200.0)

    init(_ image: Image, pixelSize: Double, side: Int) {
        atlas = image.resized(toFit: side)
        self.pixelSize = pixelSize * Double(image.width) / Double(atlas.width)
        passed = BandPassed(atlas)
    }

    /// Where the look lies best when it is turned back by so much.
    func peak(of look: MatchedLook, turnedBy rotation: Double) -> MatchedPlace {
        let map = map(of: look, turnedBy: rotation)
        let peak = CorrelationPeak(in: map, reachX: Double(atlas.width) / 3, reachY: Double(atlas.height) / 3)
        return MatchedPlace(
            rotation: rotation, shift: PixelShift(x: peak.shift.x * pixelSize, y: peak.shift.y * pixelSize),
            height: Double(peak.height))
    }

    private func map(of look: MatchedLook, turnedBy rotation: Double) -> Image {
        let (turned, cover) = brought(look, rotation, .init(x: 0, y: 0))
        return BandPassed(turned, cover: cover).correlation(with: passed)
    }

    /// The vertex of a parabola through three rotations, and its place.
    func refined(_ place: MatchedPlace, of look: MatchedLook, step: Double) -> MatchedPlace {
        let around = (-2...2).map { peak(of: look, turnedBy: place.rotation + Double($0) * step) }
        guard let index = around.indices.max(by: { around[$0].height < around[$1].height }) else { return place }
        guard index > 0, index < around.count - 1 else { return around[index] }
        let vertex = CorrelationPeak.vertex(
            Float(around[index - 1].height), Float(around[index].height), Float(around[index + 1].height))
        let between = peak(of: look, turnedBy: around[index].rotation + vertex * step)
        return between.height >= around[index].height ? between : around[index]
    }

    /// Of the highest places at one rotation, some of which a mesh only feigns, the one whose squares are alike.
    func placeWithLikeSquares(of look: MatchedLook, turnedBy rotation: Double) -> MatchedPlace? {
        var map = map(of: look, turnedBy: rotation)
        var places: [(place: MatchedPlace, likeness: Double)] = []
        for _ in 0..<9 {
            let peak = CorrelationPeak(in: map, reachX: Double(atlas.width) / 3, reachY: Double(atlas.height) / 3)
            guard peak.height > 0 else { break }
            let place = MatchedPlace(
                rotation: rotation, shift: PixelShift(x: peak.shift.x * pixelSize, y: peak.shift.y * pixelSize),
                height: Double(peak.height))
            places.append((place, likeness(of: look, place)))
            map.flatten(around: peak.shift, radius: max(2, Int(20 / pixelSize)))
        }
        return places.max { $0.place.height + $0.likeness < $1.place.height + $1.likeness }?.place
    }

    /// How alike squares are in brightness, -1 to 1.
    func likeness(of look: MatchedLook, _ place: MatchedPlace) -> Double {
        let (brought, cover) = brought(look, place.rotation, place.shift)
        let (mine, mineShown) = brightness(of: atlas, cover: Image(width: atlas.width, height: atlas.height, filledWith: 1))
        let (its, itsShown) = brightness(of: brought, cover: cover)
        var moments = PairMoments()
        for index in mine.pixels.indices where mineShown.pixels[index] > 0 && itsShown.pixels[index] > 0 {
            moments.add(Double(mine.pixels[index]), Double(its.pixels[index]))
        }
        // A look at a small corner proves nothing.
        guard moments.count > Double(atlas.pixels.count) / 50 else { return 0 }
        return moments.correlation
    }

    /// What varies from square to square, within the grid's rim.
    private func brightness(of image: Image, cover: Image) -> (Image, shown: Image) {
        let (inner, outer) = (Self.squares.inner / pixelSize, Self.squares.outer / pixelSize)
        let wide = image.blurred(sigma: 2 * inner)
        let rim = 0.3 * wide.percentiles([0.9])[0]
        let shown = cover.combined(with: wide) { $0 > 0 && $1 > rim ? 1 : 0 }
        let seen = image.combined(with: shown) { $0 * $1 }
        let near = seen.blurred(sigma: inner).combined(with: shown.blurred(sigma: inner)) { $1 > 0.05 ? $0 / $1 : 0 }
        let far = seen.blurred(sigma: outer).combined(with: shown.blurred(sigma: outer)) { $1 > 0.05 ? $0 / $1 : 0 }
        return (near.combined(with: far) { $0 - $1 }, shown)
    }

    /// The look as it would lie in the atlas's frame; `cover`: 1 where it shows something. Beyond its border it is continued.
    private func brought(_ look: MatchedLook, _ rotation: Double, _ shift: PixelShift) -> (Image, cover: Image) {
        let (c, s) = (cos(rotation), sin(rotation))
        let scale = pixelSize / look.pixelSize
        let (middleX, middleY) = (Double(look.image.width - 1) / 2, Double(look.image.height - 1) / 2)
        var (result, cover) = (Image(width: atlas.width, height: atlas.height), Image(width: atlas.width, height: atlas.height))
        for y in 0..<atlas.height {
            let v = Double(y) - Double(atlas.height - 1) / 2 + shift.y / pixelSize
            for x in 0..<atlas.width {
                let u = Double(x) - Double(atlas.width - 1) / 2 + shift.x / pixelSize
                let (px, py) = (middleX + scale * (c * u - s * v), middleY + scale * (s * u + c * v))
                result[x, y] = look.image.value(atX: px, y: py)
                let isInside = px >= 0 && py >= 0 && px <= Double(look.image.width - 1) && py <= Double(look.image.height - 1)
                cover[x, y] = isInside ? 1 : 0
            }
        }
        return (result, cover)
    }
}

/// Sums for a correlation coefficient.
private struct PairMoments {
    private(set) var count = 0.0
    private var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)

    mutating func add(_ a: Double, _ b: Double) {
        count += 1
        x += a
        y += b
        xx += a * a
        yy += b * b
        xy += a * b
    }

    var correlation: Double {
        let (vx, vy) = (xx - x * x / count, yy - y * y / count)
        guard vx > 0, vy > 0 else { return 0 }
        return (xy - x * y / count) / (vx * vy).squareRoot()
    }
}

extension Image {
    /// A peak of a correlation map taken off, so that the next is found.
    fileprivate mutating func flatten(around shift: PixelShift, radius: Int) {
        let (middleX, middleY) = (Int(shift.x.rounded()), Int(shift.y.rounded()))
        for dy in -radius...radius {
            for dx in -radius...radius {
                self[(middleX + dx + 2 * width) % width, (middleY + dy + 2 * height) % height] = -1
            }
        }
    }
}
