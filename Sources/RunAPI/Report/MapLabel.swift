import RunModel

/// A word on a picture, with a dark edge so that it can be read on anything.
struct MapLabel {
    let words: String
    let x: Double
    let y: Double
    let dot: Double
    let style: String

    var html: HTMLText {
        .tag(
            "text",
            [
                "class": "label of-\(style)", "x": SVGNumber.text(x), "y": SVGNumber.text(y),
                "font-size": SVGNumber.text(16 * dot),
                "stroke-width": SVGNumber.text(3 * dot),
            ], .text(words))
    }
}

/// Which numbers have room: where they would lie on one another none stands.
enum MapLabels {
    static func apart(_ targets: [Target], dot: Double) -> Set<TargetID> {
        // What nobody wanted to image has no number.
        let places = targets.filter { $0.status != .found }.sorted { $0.point.x < $1.point.x }
        var crowded: Set<TargetID> = []
        for (index, one) in places.enumerated() {
            for other in places[(index + 1)...] {
                guard other.point.x < one.point.x + 44 * dot else { break }
                if abs(other.point.y - one.point.y) < 16 * dot { crowded.formUnion([one.id, other.id]) }
            }
        }
        return Set(places.map(\.id)).subtracting(crowded)
    }
}
