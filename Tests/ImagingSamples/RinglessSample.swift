import Glibc
import Imaging

/// Images in which no lens shows: whatever a fit finds in them is made up.
public struct RinglessSample: Sendable {
    public enum Kind: Sendable, CaseIterable {
        /// Counting noise only, as from an empty beam.
        case emptyBeam
        /// Counting noise on light that falls off steeply over the field.
        case gradient
        /// Half vacuum, half foil, with a round border.
        case holeEdge
        /// A bar of gold, nearly black, with a rough border.
        case goldEdge
        /// Foil of coarse grain with no lens in front.
        case grain
        /// Spots of a two-dimensional crystal, several orders.
        case crystal
        /// Powder rings of hexagonal ice at 3.90, 3.67 and 3.44 Å.
        case powder
        /// A broad ring of water about 3.7 Å.
        case glass
        /// Solid balls, shells, and flat discs of one size in counting noise: their own spectrum has rings.
        case balls, shells, discs
        /// Balls packed like a liquid.
        case crowd
        /// Lines of the camera's readout.
        case lines
        /// A few large dark lumps with sharp borders.
        case lumps
    }

    public var kind: Kind
    public var size: Int
    public var pixelSize: Double
    /// e/Å².
    public var dose = 36.0
    public var seed: UInt64

    public init(_ kind: Kind, size: Int = 1024, pixelSize: Double, seed: UInt64) {
        self.kind = kind
        self.size = size
        self.pixelSize = pixelSize
        self.seed = seed
    }

    public func render() -> Image {
        var random = FastGaussian(seed: seed &* 0x9E37_79B9 &+ 5)
        var contrast = Image(width: size, height: size)
        draw(&contrast, &random)
        return CountingCamera.expose(contrast, electrons: dose * pixelSize * pixelSize, &random)
    }

    private func draw(_ image: inout Image, _ random: inout FastGaussian) {
        switch kind {
        case .emptyBeam: break
        case .gradient: slope(&image, &random)
        case .holeEdge: half(&image, &random, level: -0.25, roughness: 0)
        case .goldEdge: half(&image, &random, level: -0.95, roughness: 6)
        case .grain: field(&image, &random) { 3 * exp(-150 * $0 * $0) }
        case .crystal: crystal(&image, &random)
        case .powder: powder(&image, &random, rings: [(1 / 3.90, 0.002, 3), (1 / 3.67, 0.002, 4), (1 / 3.44, 0.002, 3)])
        case .glass: powder(&image, &random, rings: [(1 / 3.7, 0.02, 0.6)])
        case .balls: particles(&image, &random) { max(0, 1 - $0 * $0).squareRoot() }
        case .shells: particles(&image, &random) { max(0, 1 - $0 * $0).squareRoot() - 0.9 * max(0, 0.81 - $0 * $0).squareRoot() }
        case .discs: particles(&image, &random) { $0 < 1 ? 0.5 : 0 }
        case .crowd: crowd(&image, &random)
        case .lines: lines(&image, &random)
        case .lumps: lumps(&image, &random)
        }
    }

    private func slope(_ image: inout Image, _ random: inout FastGaussian) {
        let (a, b) = (random.uniform() * 1.2 - 0.6, random.uniform() * 1.2 - 0.6)
        paint(&image) { x, y in Float(a * x + b * y) / Float(size) }
    }

    private func half(_ image: inout Image, _ random: inout FastGaussian, level: Float, roughness: Double) {
        let side = Double(size)
        let radius = side * (0.5 + random.uniform())
        let turn = 2 * Double.pi * random.uniform()
        let distance = radius + side * (random.uniform() - 0.5) * 0.5
        let (cx, cy) = (side / 2 + distance * cos(turn), side / 2 + distance * sin(turn))
        let waves = (0..<12).map { _ in (4 + 200 * random.uniform(), 2 * Double.pi * random.uniform()) }
        paint(&image) { x, y in
            let direction = atan2(y - cy, x - cx)
            let rough = roughness > 0 ? waves.reduce(0) { $0 + roughness * sin($1.0 * direction + $1.1) } : 0
            return hypot(x - cx, y - cy) < radius + rough ? level : 0
        }
    }

    private func lumps(_ image: inout Image, _ random: inout FastGaussian) {
        let side = Double(size)
        let places = (0..<6).map { _ in
            (random.uniform() * side, random.uniform() * side, side * (0.03 + 0.12 * random.uniform()))
        }
        paint(&image) { x, y in places.contains { hypot(x - $0.0, y - $0.1) < $0.2 } ? -0.5 : 0 }
    }

    private func lines(_ image: inout Image, _ random: inout FastGaussian) {
        let rows = (0..<size).map { _ in 0.05 * random.next() }
        let columns = (0..<size).map { _ in 0.05 * random.next() }
        paint(&image) { x, y in Float(rows[Int(y)] + columns[Int(x)]) }
    }

    private func crystal(_ image: inout Image, _ random: inout FastGaussian) {
        let spacing = 30 + 90 * random.uniform()
        let turn = Double.pi * random.uniform()
        let opening = random.uniform() < 0.5 ? Double.pi / 2 : Double.pi / 3
        var spectrum = Spectrum(width: size, height: size)
        let cells = Double(size) * pixelSize
        for h in 0...20 {
            for k in -20...20 where h > 0 || k > 0 {
                let kx = (Double(h) * cos(turn) + Double(k) * cos(turn + opening)) / spacing
                let ky = (Double(h) * sin(turn) + Double(k) * sin(turn + opening)) / spacing
                let (column, row) = (Int((abs(kx) * cells).rounded()), Int(((kx < 0 ? -ky : ky) * cells).rounded()))
                guard column < size / 2, abs(row) < size / 2 else { continue }
                let strength = 0.06 * abs(random.next()) * exp(-120 * (kx * kx + ky * ky)) * Double(size * size) / 2
                let (at, phase) = (2 * ((row + size) % size * spectrum.columns + column), 2 * Double.pi * random.uniform())
                spectrum.values[at] = Float(strength * cos(phase))
                spectrum.values[at + 1] = Float(strength * sin(phase))
            }
        }
        image = FourierTransform.inverse(spectrum)
    }

    /// Rings by radius (1/Å), width (1/Å) and power against the counting noise.
    private func powder(_ image: inout Image, _ random: inout FastGaussian, rings: [(Double, Double, Double)]) {
        field(&image, &random) { g in
            0.3 * exp(-100 * g * g) + rings.reduce(0) { $0 + $1.2 * exp(-(g - $1.0) * (g - $1.0) / (2 * $1.1 * $1.1)) }
        }
    }

    /// Adds a random field whose power, against the counting noise, is `power` of the frequency in 1/Å.
    private func field(_ image: inout Image, _ random: inout FastGaussian, power: (Double) -> Double) {
        var spectrum = Spectrum(width: size, height: size)
        let unit = (Double(size * size) / (dose * pixelSize * pixelSize) / 2).squareRoot()
        for row in 0..<size {
            let ky = Double(row <= size / 2 ? row : row - size) / (Double(size) * pixelSize)
            for column in 0..<spectrum.columns where row + column > 0 {
                let kx = Double(column) / (Double(size) * pixelSize)
                let amplitude = unit * power((kx * kx + ky * ky).squareRoot()).squareRoot()
                let at = 2 * (row * spectrum.columns + column)
                spectrum.values[at] = Float(amplitude * random.next())
                spectrum.values[at + 1] = Float(amplitude * random.next())
            }
        }
        image = FourierTransform.inverse(spectrum)
    }

    /// Particles of one radius, 30 to 200 Å, strewn at random, with the projected thickness `profile` of r/radius.
    private func particles(_ image: inout Image, _ random: inout FastGaussian, _ profile: (Double) -> Double) {
        let radius = (30 + 170 * random.uniform()) / pixelSize
        let count = Int((0.1 + 0.4 * random.uniform()) * Double(size * size) / (4 * radius * radius))
        let depth = 0.05 + 0.3 * random.uniform()
        for _ in 0..<count {
            let place = (random.uniform() * Double(size), random.uniform() * Double(size))
            add(&image, at: place, radius: radius) { -depth * profile($0) }
        }
    }

    private func crowd(_ image: inout Image, _ random: inout FastGaussian) {
        let radius = (25 + 60 * random.uniform()) / pixelSize
        var places: [(Double, Double)] = []
        for _ in 0..<min(4000, 6 * Int(Double(size * size) / (4 * radius * radius))) {
            let place = (random.uniform() * Double(size), random.uniform() * Double(size))
            if places.allSatisfy({ hypot($0.0 - place.0, $0.1 - place.1) > 2 * radius }) { places.append(place) }
        }
        for place in places { add(&image, at: place, radius: radius) { -0.2 * max(0, 1 - $0 * $0).squareRoot() } }
    }

    private func add(_ image: inout Image, at place: (Double, Double), radius: Double, _ value: (Double) -> Double) {
        let (left, right) = (max(0, Int(place.0 - radius)), min(size - 1, Int(place.0 + radius) + 1))
        let (low, high) = (max(0, Int(place.1 - radius)), min(size - 1, Int(place.1 + radius) + 1))
        guard left <= right, low <= high else { return }
        for y in low...high {
            for x in left...right {
                image.pixels[y * size + x] += Float(value(hypot(Double(x) - place.0, Double(y) - place.1) / radius))
            }
        }
    }

    private func paint(_ image: inout Image, _ value: (Double, Double) -> Float) {
        for y in 0..<size {
            for x in 0..<size { image.pixels[y * size + x] = value(Double(x), Double(y)) }
        }
    }
}
