extension HoleFinder {
    /// Diameter of a hole as it is centred, pixels.
    private static let centringDiameter = 28.0

    /// The holes of an image that shows one or a few of them, the best seen first; holes may be brighter or darker than
    /// the foil, or show their rim only. `diameter` in pixels of the image; what is off by a fifth is found.
    ///
    /// Holes whose middle lies outside the image are not told; those that the border cuts are `.partial`.
    public static func holes(in image: Image, ofDiameter diameter: Double) -> [FoundItem] {
        guard diameter.isFinite, diameter >= 4, diameter < 2 * Double(min(image.width, image.height)) else { return [] }
        let wanted = Double(max(image.width, image.height)) * min(1, centringDiameter / diameter)
        let work = image.resized(toFit: max(24, Int(wanted.rounded())))
        let scale = Double(image.width) / Double(work.width)
        let tried = [0.84, 0.92, 1, 1.09, 1.19].map { $0 * diameter / scale }
        let found = SideBySide(count: tried.count) { k in candidates(work, diameter: tried[k]) }.values.flatMap(\.self)
        var kept: [FoundItem] = []
        for item in found.sorted(by: { ($0.score, $1.y, $1.x) > ($1.score, $0.y, $0.x) }) {
            let isNew = kept.allSatisfy { PixelShift(x: $0.x - item.x, y: $0.y - item.y).length > 0.9 * diameter / scale }
            if isNew { kept.append(item) }
        }
        return kept.map { $0.enlarged(by: scale) }
    }

    /// The hole nearest to a place (the middle of the image where none is told) that is well seen; nil without one.
    public static func centre(
        in image: Image, diameter: Double, nearX x: Double? = nil, y: Double? = nil
    ) -> FoundItem? {
        let (px, py) = (x ?? Double(image.width - 1) / 2, y ?? Double(image.height - 1) / 2)
        let all = holes(in: image, ofDiameter: diameter)
        guard let best = all.first?.score else { return nil }
        let distance = { (item: FoundItem) in PixelShift(x: item.x - px, y: item.y - py).length }
        return all.filter { $0.score > 0.7 * best }.min { distance($0) < distance($1) }
    }

    /// Discs with their rims at one diameter: a disc alone fits any blob, a rim alone any bend.
    private static func candidates(_ work: Image, diameter: Double) -> [FoundItem] {
        // The border is continued: what a hole shows of itself beyond it is not known.
        let pad = Int(diameter)
        let wide = work.cropped(x: -pad, y: -pad, width: work.width + 2 * pad, height: work.height + 2 * pad)
        let all = Image(width: wide.width, height: wide.height, filledWith: 1)
        let rim = HoleRelief(wide, mask: all, diameter: diameter, look: .rim)
        let bright = HoleRelief(wide, mask: all, diameter: diameter, look: .bright)
        let rims = DiscCorrelation(rim.image, diameter: diameter, energy: 0.1 * rim.noise * rim.noise, shape: .rim)
        let discs = DiscCorrelation(bright.image, diameter: diameter, energy: 0.1 * bright.noise * bright.noise)
        let both = DiscCorrelation(map: rims.map.combined(with: discs.map) { 0.6 * max($0, 0) + 0.4 * abs($1) })
        return both.peaks(over: 0.3, distance: 0.6 * diameter, atMost: 20).compactMap { peak in
            let (x, y) = (peak.place.x - Double(pad), peak.place.y - Double(pad))
            guard x >= 0, y >= 0, x <= Double(work.width - 1), y <= Double(work.height - 1) else { return nil }
            let edge = min(x, y, Double(work.width - 1) - x, Double(work.height - 1) - y)
            let mean = work.cropped(
                x: Int(x - diameter / 4), y: Int(y - diameter / 4), width: max(1, Int(diameter / 2)),
                height: max(1, Int(diameter / 2))
            ).statistics.mean
            return FoundItem(
                x: x, y: y, size: diameter, class: edge < 0.9 * diameter / 2 ? .partial : .good, mean: mean,
                score: min(1, peak.score),
                row: nil, column: nil)
        }
    }
}
