import Glibc
import Imaging

/// Draws a square pixel by pixel as what its matter lets through.
struct SquarePainter {
    private(set) var holes: [SquareSample.Hole] = []
    private let settings: SquareSample.Settings
    private var random: SeededGenerator
    private let spacing: Double
    private let cosine: Double
    private let sine: Double
    private let bend: (xx: Double, xy: Double, yx: Double, yy: Double)
    private let windowTurn: Double
    private let windowOff: (x: Double, y: Double)
    private var thickness: Image
    private var tears: [(x: Double, y: Double, radius: Double)] = []

    init(_ settings: SquareSample.Settings, seed: UInt64) {
        self.settings = settings
        var random = SeededGenerator(seed: seed)
        spacing = settings.foil.spacing * 1e4 / settings.pixelSize
        cosine = cos(settings.degrees * .pi / 180)
        sine = sin(settings.degrees * .pi / 180)
        let most = settings.bend * spacing
        bend = (
            random.uniform(-most...most), random.uniform(-most...most), random.uniform(-most...most), random.uniform(-most...most)
        )
        windowTurn = random.uniform(0...(.pi / 2))
        windowOff = (random.uniform(-0.04...0.04), random.uniform(-0.04...0.04))
        thickness = Image(width: settings.side, height: settings.side, filledWith: Float(settings.film))
        self.random = random
        for _ in 0..<settings.tears {
            tears.append(
                (self.random.uniform(0...1) * side, self.random.uniform(0...1) * side, spacing * self.random.uniform(0.9...2)))
        }
        placeHoles()
    }

    private var side: Double { Double(settings.side) }

    /// Where a lattice point lies in the picture: turned, and bent by a second-order term.
    private func place(_ u: Double, _ v: Double) -> (x: Double, y: Double) {
        let (p, q) = (2 * u / side, 2 * v / side)
        let (a, b) = (u + bend.xx * p * p + bend.xy * p * q, v + bend.yx * p * q + bend.yy * q * q)
        return (side / 2 + a * cosine - b * sine, side / 2 + a * sine + b * cosine)
    }

    private mutating func placeHoles() {
        let (offX, offY) = (random.uniform(-0.5...0.5), random.uniform(-0.5...0.5))
        let reach = Int(1.6 * side / spacing) + 3
        let diameter = settings.foil.diameter * 1e4 / settings.pixelSize
        for j in -reach...reach {
            for i in -reach...reach {
                let (p, q) = (Double(i) + offX, Double(j) + offY)
                let (u, v) = settings.foil.isHexagonal ? (p + 0.5 * q, q * 0.75.squareRoot()) : (p, q)
                guard abs(u) * spacing < side, abs(v) * spacing < side else { continue }
                let at = place(u * spacing, v * spacing)
                add(at.x, at.y, diameter)
                if let between = settings.foil.between {
                    let middle = place((u + 0.5) * spacing, (v + 0.5) * spacing)
                    dig(middle.x, middle.y, radius: between * 0.5e4 / settings.pixelSize, depth: settings.ice)
                }
            }
        }
    }

    private mutating func add(_ x: Double, _ y: Double, _ diameter: Double) {
        let r = diameter / 2
        guard x > -r, y > -r, x < side + r, y < side + r else { return }
        let slope = 1 + 2 * settings.iceSpread * (x + 2 * y - 1.5 * side) / (1.5 * side)
        var ice = settings.ice * slope * (1 + settings.iceSpread * max(-2, min(2, random.gaussian())))
        let draw = random.uniform()
        var kind = SquareSample.Kind.good
        if draw < settings.empty { (kind, ice) = (.empty, 0) }
        if draw > 1 - settings.thick { (kind, ice) = (.thick, settings.ice + random.uniform(200...350)) }
        if draw > 0.5 && draw < 0.5 + settings.dirty { kind = .dirty }
        var hole = SquareSample.Hole(x: x, y: y, diameter: diameter, kind: kind)
        hole.thickness = ice
        hole.isWhole = isWhole(x, y, r)
        holes.append(hole)
        dig(x, y, radius: r, depth: ice)
        if settings.rim > 0 {
            let (width, rim) = (0.12 * r, settings.rim)
            change(x, y, reach: r + width + 1) { old, distance in
                old + Float(rim * min(1, max(0, width - abs(distance - r) + 0.5)))
            }
        }
        if kind == .dirty {
            for _ in 0..<4 {
                let spread = 0.7 * r
                pile(
                    x + random.uniform(-spread...spread), y + random.uniform(-spread...spread),
                    radius: random.uniform(0.2...0.4) * r, by: 350)
            }
        }
    }

    private func isWhole(_ x: Double, _ y: Double, _ r: Double) -> Bool {
        guard min(x, y, side - 1 - x, side - 1 - y) > r + 1 else { return false }
        guard tears.allSatisfy({ hypot($0.x - x, $0.y - y) > $0.radius * 1.2 + r }) else { return false }
        return (0..<24).allSatisfy { k in
            let angle = Double(k) * .pi / 12
            return distanceToBar(x + 1.1 * r * cos(angle), y + 1.1 * r * sin(angle)) > 1
        }
    }

    /// Pixels to the nearest bar, negative on it.
    private func distanceToBar(_ x: Double, _ y: Double) -> Double {
        let (dx, dy) = (x - (0.5 + windowOff.x) * side, y - (0.5 + windowOff.y) * side)
        let (u, v) = (dx * cos(windowTurn) + dy * sin(windowTurn), dy * cos(windowTurn) - dx * sin(windowTurn))
        return settings.window * side / 2 - max(abs(u), abs(v))
    }

    private mutating func dig(_ x: Double, _ y: Double, radius: Double, depth: Double) {
        change(x, y, reach: radius + 1) { old, distance in
            let share = Float(min(1, max(0, radius - distance + 0.5)))
            return old + (Float(depth) - old) * share
        }
    }

    private mutating func pile(_ x: Double, _ y: Double, radius: Double, by height: Double) {
        change(x, y, reach: radius + 1) { old, distance in
            old + Float(height * min(1, max(0, radius - distance + 0.5)))
        }
    }

    private mutating func change(_ x: Double, _ y: Double, reach: Double, _ value: (Float, Double) -> Float) {
        let (left, bottom) = (max(0, Int(x - reach)), max(0, Int(y - reach)))
        let (right, top) = (min(settings.side, Int(x + reach) + 2), min(settings.side, Int(y + reach) + 2))
        guard left < right, bottom < top else { return }
        for py in bottom..<top {
            for px in left..<right {
                thickness[px, py] = value(thickness[px, py], hypot(Double(px) - x, Double(py) - y))
            }
        }
    }

    mutating func painted() -> Image {
        let radius = settings.foil.diameter * 0.5e4 / settings.pixelSize
        for _ in 0..<settings.spots {
            pile(
                random.uniform(0...side), random.uniform(0...side), radius: radius * random.uniform(0.3...1),
                by: random.uniform(150...700))
        }
        for tear in tears { open(tear) }
        for _ in 0..<settings.exposures {
            // Burnt in by an earlier beam, a little wider than a hole and not always on one.
            let hole = holes[Int(random.uniform(0...0.999) * Double(holes.count))]
            pile(hole.x + random.uniform(-1...1) * radius, hole.y, radius: 1.4 * radius, by: 90)
        }
        return exposed()
    }

    private mutating func open(_ tear: (x: Double, y: Double, radius: Double)) {
        for y in 0..<settings.side {
            for x in 0..<settings.side {
                let angle = atan2(Double(y) - tear.y, Double(x) - tear.x)
                let reach = tear.radius * (1 + 0.1 * sin(3 * angle) + 0.08 * sin(5 * angle))
                if hypot(Double(x) - tear.x, Double(y) - tear.y) < reach { thickness[x, y] = 0 }
            }
        }
    }

    private mutating func exposed() -> Image {
        var image = Image(width: settings.side, height: settings.side)
        let sigma = settings.noise / settings.counts.squareRoot()
        for y in 0..<settings.side {
            for x in 0..<settings.side {
                let open = min(1, max(0.015, distanceToBar(Double(x), Double(y)) + 0.5))
                let light = pow(settings.gradient, (Double(x) + 0.5 * Double(y)) / side - 0.75)
                let expected = open * light * exp(-Double(thickness[x, y]) / settings.meanFreePath)
                let value = expected + sigma * expected.squareRoot() * random.gaussian()
                image[x, y] = Float(max(0, value) * settings.counts)
            }
        }
        return image
    }
}
