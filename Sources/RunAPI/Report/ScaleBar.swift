import RunModel

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
