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
                    "class": style, "x": place(x - half), "y": place(y - half), "width": place(2 * half),
                    "height": place(2 * half),
                    "rx": place(3 * dot),
                ])
        let slash: HTMLText =
            look == .skip
            ? .tag(
                "path", ["class": "skip", "d": "M\(place(x - half)) \(place(y + half))L\(place(x + half)) \(place(y - half))"])
            : .nothing
        guard isLabelled else { return [shape, slash] }
        let words = "\(target.id.number)\(look.sign.map { " \($0)" } ?? "")"
        return [shape, slash, MapLabel(words: words, x: x, y: y - half - 2 * dot, dot: dot, style: look.rawValue).html]
    }

    private func place(_ value: Double) -> String { SVGNumber.text(value) }
}
