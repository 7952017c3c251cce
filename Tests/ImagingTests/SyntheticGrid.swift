import Foundation
import Imaging
import ImagingSamples

/// Grids drawn from a seed, with the truth about what was drawn.
struct SyntheticGrid {
    struct Window {
        var x: Double
        var y: Double
        var kind: FoundClass
        var isCut = false
    }

    private(set) var image: Image
    /// All that were drawn, cut ones too.
    private(set) var windows: [Window] = []
    private var random: SeededGenerator

    /// An atlas: squares of 27 px at a pitch of 40 px, turned by `degrees`; some torn, some under thick ice, some dirty.
    static func atlas(side: Int = 480, degrees: Double = 5, seed: UInt64 = 1) -> SyntheticGrid {
        var grid = SyntheticGrid(side: side, background: 30, seed: seed)
        grid.place(pitch: 40, degrees: degrees, margin: -30) { grid, x, y, turn in
            let draw = grid.random.uniform()
            let kind: FoundClass = draw < 0.08 ? .cracked : draw < 0.16 ? .dark : draw < 0.24 ? .contaminated : .good
            let level = kind == .cracked ? 1900 : kind == .dark ? 280 : 1000 * grid.random.uniform(0.88...1.12)
            grid.paint(x, y, reach: 20) { dx, dy in
                let (u, v) = (dx * cos(turn) + dy * sin(turn), dy * cos(turn) - dx * sin(turn))
                return min(1, max(0, 14 - abs(u))) * min(1, max(0, 14 - abs(v)))
            } with: {
                level
            }
            if kind == .contaminated { grid.soil(x, y, spread: 9, spots: 14, radius: 2.2) }
            return kind
        }
        grid.addNoise(fraction: 0.06)
        return grid
    }

    /// A square of foil: holes of 14 px at a pitch of 30 px, bars in two corners; some holes dirty, some without contrast.
    static func square(side: Int = 400, degrees: Double = 7, brightness: Double = 1.22, seed: UInt64 = 2) -> SyntheticGrid {
        var grid = SyntheticGrid(side: side, background: 1000, seed: seed)
        grid.place(pitch: 30, degrees: degrees, margin: -10) { grid, x, y, _ in
            let draw = grid.random.uniform()
            let kind: FoundClass = draw < 0.06 ? .dark : draw < 0.14 ? .contaminated : .good
            let level = kind == .dark ? 620 : 1000 * brightness
            grid.paint(x, y, reach: 10) { dx, dy in
                min(1, max(0, 7.5 - (dx * dx + dy * dy).squareRoot()))
            } with: {
                level
            }
            if kind == .contaminated { grid.soil(x, y, spread: 5, spots: 5, radius: 2) }
            return kind
        }
        grid.cutCorners(side: side)
        grid.addNoise(fraction: 0.07)
        return grid
    }

    /// Those that lie in the image by at least `margin` and were not cut by a bar.
    func whole(margin: Double) -> [Window] {
        let side = Double(image.width)
        return windows.filter { !$0.isCut && min($0.x, $0.y, side - $0.x, side - $0.y) > margin }
    }

    private init(side: Int, background: Float, seed: UInt64) {
        image = Image(width: side, height: side, filledWith: background)
        random = SeededGenerator(seed: seed)
    }

    private mutating func place(
        pitch: Double, degrees: Double, margin: Double, draw: (inout SyntheticGrid, Double, Double, Double) -> FoundClass
    ) {
        let turn = degrees * .pi / 180
        let side = Double(image.width)
        for j in -30...30 {
            for i in -30...30 {
                let x = side / 2 + pitch * (Double(i) * cos(turn) - Double(j) * sin(turn)) + random.uniform(-0.8...0.8)
                let y = side / 2 + pitch * (Double(i) * sin(turn) + Double(j) * cos(turn)) + random.uniform(-0.8...0.8)
                guard x > margin, y > margin, x < side - margin, y < side - margin else { continue }
                windows.append(Window(x: x, y: y, kind: draw(&self, x, y, turn)))
            }
        }
    }

    private mutating func paint(
        _ x: Double, _ y: Double, reach: Double, _ shape: (Double, Double) -> Double, with level: () -> Double
    ) {
        for py in Int(y - reach)...Int(y + reach) {
            for px in Int(x - reach)...Int(x + reach) where image.contains(x: px, y: py) {
                let share = Float(shape(Double(px) - x, Double(py) - y))
                image[px, py] = image[px, py] * (1 - share) + Float(level()) * share
            }
        }
    }

    private mutating func soil(_ x: Double, _ y: Double, spread: Double, spots: Int, radius: Double) {
        for _ in 0..<spots {
            let (sx, sy) = (x + random.uniform(-spread...spread), y + random.uniform(-spread...spread))
            paint(sx, sy, reach: 6) { dx, dy in
                min(1, max(0, radius - (dx * dx + dy * dy).squareRoot()))
            } with: {
                250
            }
        }
    }

    /// Holes under the bars are no longer there.
    private mutating func cutCorners(side: Int) {
        let isBar = { (x: Double, y: Double) in x + y < Double(side) * 0.45 || x + y > Double(side) * 1.6 }
        for y in 0..<side {
            for x in 0..<side where isBar(Double(x), Double(y)) { image[x, y] = 40 }
        }
        for k in windows.indices {
            let (x, y) = (windows[k].x, windows[k].y)
            windows[k].isCut = (0..<8).contains { isBar(x + 10 * cos(Double($0) * .pi / 4), y + 10 * sin(Double($0) * .pi / 4)) }
        }
    }

    private mutating func addNoise(fraction: Double) {
        for i in image.pixels.indices { image.pixels[i] *= Float(1 + fraction * random.gaussian()) }
    }
}

/// How well found items meet true places.
struct Comparison {
    let recall: Double
    let precision: Double
    /// Found item for each true place that was met.
    let pairs: [(truth: SyntheticGrid.Window, item: FoundItem)]

    /// Items that meet no place of `truth` but one of `others` count neither way, nor do those the finder calls cut.
    init(_ items: [FoundItem], truth: [SyntheticGrid.Window], others: [SyntheticGrid.Window] = [], within reach: Double) {
        pairs = truth.compactMap { window in
            let near = items.first { hypot($0.x - window.x, $0.y - window.y) <= reach }
            return near.map { (window, $0) }
        }
        recall = Double(pairs.count) / Double(truth.count)
        let wrong = items.filter { item in
            item.class != .partial && !(truth + others).contains { hypot($0.x - item.x, $0.y - item.y) <= reach }
        }
        precision = Double(pairs.count) / Double(pairs.count + wrong.count)
    }
}
