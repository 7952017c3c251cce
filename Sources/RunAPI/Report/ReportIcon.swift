/// The pages' icons: kept once in the file, and used by their names.
enum ReportIcon {
    private static let shapes: [(String, [HTMLText])] = [
        ("done", [circle, path("m5.2 8.2 2 2 3.7-4.1")]), ("wait", [circle]),
        ("pause", [circle, path("M6.3 5.6v4.8M9.7 5.6v4.8")]),
        ("run", [circle, path("M6.6 5.6v4.8L10.4 8z")]), ("clock", [circle, path("M8 4.5V8l2.3 1.6")]),
        ("skip", [circle, path("m3.7 12.3 8.6-8.6")]), ("stop", [path("M3.6 3.6h8.8v8.8H3.6z")]),
        ("error", [path("M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z"), path("M8 4.8v3.7M8 11v.1")]),
        ("warn", [path("M8 2 1.6 13.4h12.8z"), path("M8 6.4v3.2M8 11.6v.1")]),
    ]
    private static let circle = HTMLText.tag("circle", ["cx": "8", "cy": "8", "r": "6.25"])
    private static func path(_ shape: String) -> HTMLText { .tag("path", ["d": shape]) }

    static let sprite = HTMLText.tag(
        "svg", ["class": "sprite", "aria-hidden": "true"],
        .several(shapes.map { name, parts in .tag("symbol", ["id": "i-\(name)", "viewBox": "0 0 16 16"], .several(parts)) }))

    /// The word beside it says the same.
    static func use(_ name: String) -> HTMLText {
        .tag("svg", ["class": "i", "aria-hidden": "true"], .tag("use", ["href": "#i-\(name)"]))
    }

    static func pill(_ standing: ReportStanding) -> HTMLText {
        .tag("span", ["class": "pill \(standing.kind)"], use(standing.icon), .text(standing.word))
    }
}
