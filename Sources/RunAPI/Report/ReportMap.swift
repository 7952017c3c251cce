import RunModel

/// A picture with its targets drawn over it, in the picture's own coordinates, as the pages draw them.
struct ReportMap {
    /// As in "The atlas could not be read".
    let what: String
    let alt: String
    let image: MapImage?
    let targets: [Target]
    let picture: ReportPicture
    let time: FacilityZone

    var html: HTMLText {
        guard let image, image.width > 0, image.height > 0, image.pixelSize > 0 else {
            return .tag("p", ["class": "noimage"], .text(ReportPicture.none.words(what) ?? ""))
        }
        return .tag(
            "figure", ["class": "map"], drawing(image), legend,
            .tag("figcaption", [:], missing, .tag("span", ["class": "dim"], "Acquired \(time.stamp(image.takenAt))")))
    }

    private var missing: HTMLText {
        guard let words = picture.words(what) else { return .nothing }
        return .tag("p", ["class": "c-warn"], .text("\(words). The marks show what was found on it."))
    }

    private func drawing(_ image: MapImage) -> HTMLText {
        let labelled = MapLabels.apart(targets, dot: Double(image.width) / 520)
        let marks = targets.map { ReportMark(target: $0, image: image).html(isLabelled: labelled.contains($0.id)) }
        var ground = HTMLText.tag("rect", ["class": "empty", "width": "\(image.width)", "height": "\(image.height)"])
        if case .held(let address) = picture {
            ground = .tag(
                "image", ["href": address, "width": "\(image.width)", "height": "\(image.height)", "preserveAspectRatio": "none"])
        }
        return .tag(
            "svg",
            ["class": "ov", "viewBox": "0 0 \(image.width) \(image.height)", "role": "img", "aria-label": "\(alt): \(spoken)"],
            ground,
            .several(marks), ScaleBar(image: image).html)
    }

    private var kinds: [(look: ReportMark.Look, count: Int)] {
        ReportMark.Look.allCases.compactMap { look in
            let count = targets.count { ReportMark.Look($0.status) == look }
            return count > 0 ? (look, count) : nil
        }
    }

    private var spoken: String {
        targets.isEmpty ? "none found" : kinds.map { "\($0.count) \($0.look.words.lowercased())" }.joined(separator: ", ")
    }

    private var legend: HTMLText {
        guard !targets.isEmpty else { return .nothing }
        let isHole = targets[0].id.kind == .hole
        let entries = kinds.map { kind -> HTMLText in
            let mark =
                isHole
                ? HTMLText.tag("circle", ["class": kind.look.rawValue, "cx": "8", "cy": "8", "r": "6"])
                : HTMLText.tag(
                    "rect", ["class": kind.look.rawValue, "x": "2", "y": "2", "width": "12", "height": "12", "rx": "2"])
            return .tag(
                "li", [:], .tag("svg", ["class": "ov", "viewBox": "0 0 16 16", "aria-hidden": "true"], mark),
                .text("\(kind.look.words)\(kind.look.sign.map { " \($0)" } ?? "") "),
                .tag("b", [:], .text(ReportNumber.count(kind.count))))
        }
        return .tag("ul", ["class": "legend"], .several(entries))
    }
}
