/// The highest point of a correlation map whose zero shift is at pixel (0, 0) and whose negative shifts wrap around.
struct CorrelationPeak {
    let shift: PixelShift
    let height: Float

    /// Looks no further than `reachX` and `reachY` pixels, and between pixels by a parabola along each axis.
    init(in map: Image, reachX: Double, reachY: Double) {
        let rx = min(Int(reachX.rounded(.up)), (map.width - 1) / 2)
        let ry = min(Int(reachY.rounded(.up)), (map.height - 1) / 2)
        // An even map has no peak: no shift is the honest answer.
        var best = (x: 0, y: 0, value: map.pixels[0])
        for y in -ry...ry {
            let row = (y + map.height) % map.height * map.width
            for x in -rx...rx {
                let value = map.pixels[row + (x + map.width) % map.width]
                if value > best.value { best = (x, y, value) }
            }
        }
        let at = { (dx: Int, dy: Int) -> Float in
            map[(best.x + dx + 2 * map.width) % map.width, (best.y + dy + 2 * map.height) % map.height]
        }
        let dx = Self.vertex(at(-1, 0), best.value, at(1, 0))
        let dy = Self.vertex(at(0, -1), best.value, at(0, 1))
        shift = PixelShift(x: Double(best.x) + dx, y: Double(best.y) + dy)
        height = best.value
    }

    /// Where the parabola through three points at −1, 0 and 1 is highest, at most half a pixel away.
    static func vertex(_ before: Float, _ middle: Float, _ after: Float) -> Double {
        let bend = before - 2 * middle + after
        guard bend < 0 else { return 0 }
        return Double(min(max(0.5 * (before - after) / bend, -0.5), 0.5))
    }
}
