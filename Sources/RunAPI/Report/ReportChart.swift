import RunModel

/// A number of each exposure, in the order in which they were begun.
struct ReportChart {
    struct Series {
        /// As in the style sheet.
        var style: String
        var words: String
        /// By the exposure's number, from 1.
        var points: [(number: Int, value: Double)]
    }
    var title: String
    var unit: String
    var digits: Int
    var series: [Series]
    /// A line across.
    var limit: Double?
    /// Exposures without a value, marked at the upper edge.
    var without: [Int] = []
    var count: Int

    static func fits(_ micrographs: [Micrograph], limit: Double) -> ReportChart {
        let points = micrographs.enumerated().compactMap { index, one in one.fit.map { (number: index + 1, value: $0) } }
        let without = micrographs.enumerated().filter { $0.element.fit == nil }.map { $0.offset + 1 }
        return ReportChart(
            title: "CTF fit resolution", unit: "Å", digits: 1, series: [Series(style: "fitted", words: "Fit", points: points)],
            limit: limit,
            without: without, count: micrographs.count)
    }

    static func defocus(_ micrographs: [Micrograph]) -> ReportChart {
        let aimed = micrographs.enumerated().map { (number: $0.offset + 1, value: $0.element.targetDefocus.micrometres) }
        let fitted = micrographs.enumerated().compactMap { index, one in
            one.fit == nil ? nil : one.measurement?.ctf.map { (number: index + 1, value: $0.defocus.micrometres) }
        }
        return ReportChart(
            title: "Defocus", unit: "µm", digits: 2,
            series: [
                Series(style: "aimed", words: "Aimed at", points: aimed),
                Series(style: "fitted", words: "Fitted", points: fitted),
            ],
            count: micrographs.count)
    }

    private static let (width, height, left, right, top, bottom) = (460.0, 220.0, 46.0, 12.0, 14.0, 38.0)

    private var values: ReportAxis {
        let all = series.flatMap { $0.points.map(\.value) } + [limit].compactMap(\.self)
        return ReportAxis(all.min() ?? 0, all.max() ?? 1, ticks: 5)
    }
    private var numbers: ReportAxis { ReportAxis(numbersFrom: 1, to: max(2, count)) }

    var html: HTMLText {
        .tag(
            "figure", ["class": "chart"], .tag("h4", [:], .text("\(title) (\(unit))")),
            .tag(
                "svg", ["viewBox": "0 0 460 220", "role": "img", "aria-label": spoken], axes, limitLine,
                .several(series.map { points($0) }), missing),
            key)
    }

    private var spoken: String {
        let parts = series.map { series -> String in
            let values = series.points.map(\.value)
            guard let middle = ReportNumber.median(values), let low = values.min(), let high = values.max() else {
                return "\(series.words): none"
            }
            return
                "\(series.words): \(series.points.count) exposures, median \(text(middle)) \(unit), from \(text(low)) to \(text(high)) \(unit)"
        }
        return "\(title) over exposures. \(parts.joined(separator: ". "))"
    }

    private func text(_ value: Double) -> String { ReportNumber.text(value, digits) }
    private func x(_ number: Double) -> Double { Self.left + numbers.fraction(number) * (Self.width - Self.left - Self.right) }
    private func y(_ value: Double) -> Double {
        Self.height - Self.bottom - values.fraction(value) * (Self.height - Self.top - Self.bottom)
    }

    private var axes: HTMLText {
        let (floor, end) = (Self.height - Self.bottom, Self.width - Self.right)
        let rows = values.ticks.map { value -> HTMLText in
            [
                line("axis", "M\(SVGNumber.text(Self.left)) \(SVGNumber.text(y(value)))H\(SVGNumber.text(end))"),
                label(ReportNumber.text(value, values.digits), Self.left - 6, y(value) + 4, "end"),
            ]
        }
        let columns = numbers.ticks.map { number -> HTMLText in
            [
                line("tick", "M\(SVGNumber.text(x(number))) \(SVGNumber.text(floor))v4"),
                label(ReportNumber.count(Int(number)), x(number), floor + 16, "middle"),
            ]
        }
        return [
            .several(rows), .several(columns), label("Exposure", (Self.left + end) / 2, Self.height - 4, "middle"),
        ]
    }

    private var limitLine: HTMLText {
        guard let limit else { return .nothing }
        return line(
            "limit", "M\(SVGNumber.text(Self.left)) \(SVGNumber.text(y(limit)))H\(SVGNumber.text(Self.width - Self.right))")
    }

    /// One path of dots: thousands of elements would make the file slow.
    private func points(_ series: Series) -> HTMLText {
        let path = series.points.map { "M\(SVGNumber.text(x(Double($0.number)))) \(SVGNumber.text(y($0.value)))h0" }.joined()
        return path.isEmpty ? .nothing : line("dots \(series.style)", path)
    }

    private var missing: HTMLText {
        let path = without.map { "M\(SVGNumber.text(x(Double($0)) - 3)) \(SVGNumber.text(Self.top - 3))l6 6m0-6l-6 6" }.joined()
        return path.isEmpty ? .nothing : line("without", path)
    }

    private var key: HTMLText {
        var entries = series.map { entry("dots \($0.style)", "M8 8h0", $0.words) }
        if let limit { entries.append(entry("limit", "M0 8h16", "Limit \(text(limit)) \(unit)")) }
        if !without.isEmpty {
            entries.append(entry("without", "M5 5l6 6m0-6l-6 6", "Without a fit: \(ReportNumber.count(without.count))"))
        }
        return .tag("ul", ["class": "key dim"], .several(entries))
    }

    private func entry(_ style: String, _ path: String, _ words: String) -> HTMLText {
        .tag("li", [:], .tag("svg", ["viewBox": "0 0 16 16", "aria-hidden": "true"], line(style, path)), .text(words))
    }

    private func line(_ style: String, _ path: String) -> HTMLText { .tag("path", ["class": style, "d": path]) }

    private func label(_ words: String, _ x: Double, _ y: Double, _ anchor: String) -> HTMLText {
        .tag("text", ["x": SVGNumber.text(x), "y": SVGNumber.text(y), "text-anchor": anchor], .text(words))
    }
}
