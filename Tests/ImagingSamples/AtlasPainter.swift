import Glibc
import Imaging

/// Draws an atlas pixel by pixel: which window a pixel lies in, how far from its edge, and what covers it there.
struct AtlasPainter {
    private(set) var windows: [AtlasSample.Window] = []
    private let settings: AtlasSample.Settings
    private var random: SeededGenerator
    private var details: [Detail] = []
    private var numbers: [Int: Int] = [:]
    private let cosine: Double
    private let sine: Double
    private let pitch: Double
    private var voids: [(x: Double, y: Double, radius: Double)] = []

    /// What is peculiar to one window.
    private struct Detail {
        /// The film is gone where this line is passed: a normal, and a distance from the middle in sides.
        var tear = (x: 1.0, y: 0.0, from: 9.0, wave: 0.0)
        var spots: [(x: Double, y: Double, radius: Double)] = []
        /// The film is opaque beyond this line.
        var cover = (x: 1.0, y: 0.0, from: 9.0)
    }

    init(_ settings: AtlasSample.Settings, seed: UInt64) {
        self.settings = settings
        random = SeededGenerator(seed: seed)
        cosine = cos(settings.degrees * .pi / 180)
        sine = sin(settings.degrees * .pi / 180)
        pitch = settings.windowSide * (1 + settings.barShare)
        for _ in 0..<settings.voids {
            let reach = pitch * random.uniform(0.6...1.8)
            voids.append(
                (random.uniform(0.1...0.9) * Double(settings.width), random.uniform(0.1...0.9) * Double(settings.height), reach))
        }
        placeWindows()
    }

    private static func number(_ i: Int, _ j: Int) -> Int { (i + 500) * 1000 + j + 500 }

    private mutating func placeWindows() {
        let reach = Int(Double(max(settings.width, settings.height)) / pitch) + 2
        for j in -reach...reach {
            for i in -reach...reach {
                let (u, v) = (Double(i) * pitch, Double(j) * pitch)
                let jitter = 0.015 * settings.windowSide
                let x = Double(settings.width) / 2 + u * cosine - v * sine + jitter * random.gaussian()
                let y = Double(settings.height) / 2 + u * sine + v * cosine + jitter * random.gaussian()
                let margin = 0.75 * settings.windowSide
                guard x > -margin, y > -margin, x < Double(settings.width) + margin, y < Double(settings.height) + margin,
                    !isBeyondRim(x, y)
                else { continue }
                numbers[Self.number(i, j)] = windows.count
                addWindow(x, y)
            }
        }
    }

    private func isBeyondRim(_ x: Double, _ y: Double) -> Bool {
        guard settings.hasRim else { return false }
        let (dx, dy) = (x - Double(settings.width) / 2, y - Double(settings.height) / 2)
        return (dx * dx + dy * dy).squareRoot() > 0.44 * Double(min(settings.width, settings.height))
    }

    private mutating func addWindow(_ x: Double, _ y: Double) {
        let side = settings.windowSide * (1 + 0.01 * random.gaussian())
        var window = AtlasSample.Window(x: x, y: y, side: side, kind: kind())
        let slope = settings.iceSlope * ((x + y) / Double(settings.width + settings.height) - 0.5) * 2
        window.level = settings.film * (1 + slope) * (1 + 0.05 * max(-2, min(2, random.gaussian())))
        if window.kind == .thick { window.level = settings.bar + settings.film * random.uniform(0.12...0.4) }
        if window.kind == .covered { window.level = settings.bar }
        window.isWhole = isWhole(x, y)
        windows.append(window)
        details.append(detail(of: window))
    }

    private mutating func kind() -> AtlasSample.Kind {
        var draw = random.uniform()
        for (kind, share) in [
            (AtlasSample.Kind.thick, settings.thick), (.torn, settings.torn), (.dirty, settings.dirty), (.small, settings.small),
            (.covered, settings.covered),
        ] {
            if draw < share { return kind }
            draw -= share
        }
        return .good
    }

    private func isWhole(_ x: Double, _ y: Double) -> Bool {
        let half = 0.5 * settings.windowSide * (abs(cosine) + abs(sine)) + 2
        let border = Double(settings.blank) + half
        let isInside = min(x, y, Double(settings.width) - 1 - x, Double(settings.height) - 1 - y) > border
        return isInside && voids.allSatisfy { hypot($0.x - x, $0.y - y) > $0.radius * 1.15 + half + 2 }
    }

    private mutating func detail(of window: AtlasSample.Window) -> Detail {
        var detail = Detail()
        let turn = random.uniform(0...2 * .pi)
        switch window.kind {
        case .torn:
            // From a good third of the film gone to all of it.
            detail.tear = (cos(turn), sin(turn), random.uniform(-0.7...0.12), random.uniform(0...0.06))
        case .dirty:
            for _ in 0..<Int(random.uniform(5...12)) {
                let spread = 0.42 * window.side
                detail.spots.append(
                    (
                        random.uniform(-spread...spread), random.uniform(-spread...spread),
                        window.side * random.uniform(0.07...0.13)
                    ))
            }
        case .small:
            detail.cover = (cos(turn), sin(turn), random.uniform(-0.2 ... -0.06))
        case .good, .thick, .covered: break
        }
        return detail
    }

    /// The picture: light, film, noise.
    mutating func painted() -> Image {
        var image = Image(width: settings.width, height: settings.height)
        let sigma = settings.noise / settings.counts.squareRoot()
        for y in 0..<settings.height {
            for x in 0..<settings.width {
                guard !isBlank(x, y) else { continue }
                let expected = transmission(Double(x), Double(y)) * light(Double(x), Double(y))
                let value = expected + sigma * expected.squareRoot() * random.gaussian()
                image.pixels[y * settings.width + x] = Float(max(0, value) * settings.counts)
            }
        }
        return image
    }

    private func isBlank(_ x: Int, _ y: Int) -> Bool {
        min(x, y, settings.width - 1 - x, settings.height - 1 - y) < settings.blank
    }

    private func light(_ x: Double, _ y: Double) -> Double {
        let (u, v) = (2 * x / Double(settings.width) - 1, 2 * y / Double(settings.height) - 1)
        let slope = pow(settings.gradient, 0.5 * (0.8 * u + 0.6 * v))
        return slope * (1 - (1 - settings.vignetting) * (u * u + v * v) / 2)
    }

    private func transmission(_ x: Double, _ y: Double) -> Double {
        let (dx, dy) = (x - Double(settings.width) / 2, y - Double(settings.height) / 2)
        let i = Int(((dx * cosine + dy * sine) / pitch).rounded())
        let j = Int(((dy * cosine - dx * sine) / pitch).rounded())
        var value = settings.bar
        if let k = numbers[Self.number(i, j)] {
            let window = windows[k]
            let (px, py) = (x - window.x, y - window.y)
            let (u, v) = (px * cosine + py * sine, py * cosine - px * sine)
            value += (film(k, u, v) - settings.bar) * open(u, v, half: window.side / 2)
        }
        for void in voids {
            let angle = atan2(y - void.y, x - void.x)
            let reach = void.radius * (1 + 0.12 * sin(3 * angle) + 0.05 * sin(7 * angle))
            let share = min(1, max(0, reach - hypot(x - void.x, y - void.y) + 0.5))
            value += (1 - value) * share
        }
        return value
    }

    /// 1 within the window, 0 on the bar, a pixel of slope between them; the corners are round.
    private func open(_ u: Double, _ v: Double, half: Double) -> Double {
        let corner = 0.15 * half
        let (a, b) = (max(0, abs(u) - half + corner), max(0, abs(v) - half + corner))
        return min(1, max(0, corner - (a * a + b * b).squareRoot() + 0.5))
    }

    private func film(_ k: Int, _ u: Double, _ v: Double) -> Double {
        let (window, detail) = (windows[k], details[k])
        let side = window.side
        var value = window.level
        let across = (u * detail.tear.x + v * detail.tear.y) / side
        let along = (v * detail.tear.x - u * detail.tear.y) / side
        let torn = min(1, max(0, (across + detail.tear.wave * sin(11 * along) - detail.tear.from) * side + 0.5))
        value += (1 - value) * torn
        let covered = min(1, max(0, ((u * detail.cover.x + v * detail.cover.y) / side - detail.cover.from) * side + 0.5))
        value += (settings.bar - value) * covered
        for spot in detail.spots {
            let share = min(1, max(0, spot.radius - hypot(u - spot.x, v - spot.y) + 0.5))
            value *= 1 - 0.8 * share
        }
        return value
    }
}
