import RunModel

/// A square or a hole on a map: colour, line and sign by its status.
struct ReportMark {
    /// Named as in the style sheet, in the order of the legend.
    enum Look: String, CaseIterable {
        case ok, run, wait, skip, err, doubt, cand

        init(_ status: TargetStatus) {
            self =
                switch status {
                case .acquired, .processed, .completed: .ok
                case .acquiring: .run
                case .queued: .wait
                case .skipped: .skip
                case .failed: .err
                case .unknown: .doubt
                case .found: .cand
                }
        }

        var words: String {
            switch self {
            case .ok: "Completed"
            case .run: "Being imaged"
            case .wait: "Queued"
            case .skip: "Skipped"
            case .err: "Failed"
            case .doubt: "Unknown: may have been exposed"
            case .cand: "Not queued"
            }
        }

        /// Behind the number, for whoever cannot tell the colours apart.
        var sign: String? {
            switch self {
            case .ok: "✓"
            case .run: "▶"
            case .err: "!"
            case .doubt: "?"
            case .wait, .skip, .cand: nil
            }
        }
    }

    let target: Target
    let image: MapImage

    func html(isLabelled: Bool) -> HTMLText {
        let look = Look(target.status)
        // MRC files begin at the bottom, the screen at the top; half a pixel more is the pixel's middle.
        let (x, y) = (target.point.x + 0.5, Double(image.height) - 1 - target.point.y + 0.5)
        let dot = Double(image.width) / 520
        let half = target.size / 2 + dot
        let style = look == .cand && target.targetClass != .good ? "cand poor" : look.rawValue
        let shape: HTMLText =
            target.id.kind == .hole
            ? .tag("circle", ["class": style, "cx": place(x), "cy": place(y), "r": place(half)])
            : .tag(
                "rect",
                [
                    "class": style, "x": place(x - half), "y": place(y - half), "width": place(2 * half), "height": place(2 * half),
                    "rx": place(3 * dot),
                ])
        let slash: HTMLText =
            look == .skip
            ? .tag("path", ["class": "skip", "d": "M\(place(x - half)) \(place(y + half))L\(place(x + half)) \(place(y - half))"]) : .nothing
        guard isLabelled else { return [shape, slash] }
        let words = "\(target.id.number)\(look.sign.map { " \($0)" } ?? "")"
        return [shape, slash, MapLabel(words: words, x: x, y: y - half - 2 * dot, dot: dot, style: look.rawValue).html]
    }

    private func place(_ value: Double) -> String { SVGNumber.text(value) }
}

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
                "class": "label of-\(style)", "x": SVGNumber.text(x), "y": SVGNumber.text(y), "font-size": SVGNumber.text(16 * dot),
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

/// How long a round number of µm is, about a quarter of the picture.
struct ScaleBar {
    let image: MapImage

    /// µm.
    var length: Double { ReportAxis.round(Double(image.width) * image.pixelSize / 10_000 / 4) }

    var html: HTMLText {
        let (width, height) = (Double(image.width), Double(image.height))
        let dot = width / 520
        let pixels = length * 10_000 / image.pixelSize
        let (right, y) = (width - 14 * dot, height - 14 * dot)
        let line = "M\(SVGNumber.text(right - pixels)) \(SVGNumber.text(y))H\(SVGNumber.text(right))"
        let words = "\(ReportNumber.text(length, length < 1 ? (length < 0.1 ? 2 : 1) : 0)) µm"
        return [
            .tag("path", ["class": "scale edge", "d": line]),
            .tag("path", ["class": "scale", "d": line]),
            MapLabel(words: words, x: right - pixels / 2, y: y - 8 * dot, dot: dot, style: "wait").html,
        ]
    }
}

/// Coordinates, as short as they may be.
enum SVGNumber {
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "-" : "")\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)")"
    }
}
