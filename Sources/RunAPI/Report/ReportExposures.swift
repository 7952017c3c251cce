import RunModel

/// Every exposure that was begun, in that order.
struct ReportExposures {
    let grid: GridState
    let zone: FacilityZone

    private static let head = [
        "Exposure", "Begun", "CTF fit", "Rating", "Stage x, y, z (µm)", "Aimed at (µm)", "Fitted (µm)", "Motion (Å)",
    ]

    var html: HTMLText {
        let name = "Exposures of \(grid.grid.wording)"
        let title = HTMLText.tag(
            "h3", [:], "Exposures", .tag("span", ["class": "dim plain"], " \(ReportNumber.count(grid.micrographs.count))"))
        guard !grid.micrographs.isEmpty else {
            return .tag("section", ["class": "card"], title, .tag("p", ["class": "dim"], "Nothing was exposed."))
        }
        return .tag(
            "section", ["class": "card exposures"], title,
            ReportTable.scrolling(name, head: Self.head, numbersFrom: 4, rows: grid.micrographs.map(row)))
    }

    private func row(_ micrograph: Micrograph) -> HTMLText {
        let place = [micrograph.stage.x, micrograph.stage.y, micrograph.stage.z].map { ReportNumber.text($0.micrometres, 2) }
        let numbers: [String?] = [
            place.joined(separator: ", "), ReportNumber.text(micrograph.targetDefocus.micrometres, 2),
            micrograph.measurement?.ctf.map { ReportNumber.text($0.defocus.micrometres, 2) },
            micrograph.measurement.map { ReportNumber.text($0.totalMotion, 1) },
        ]
        let problem = micrograph.problem ?? micrograph.measurement?.reason
        return .tag(
            "tr", [:], .tag("th", ["scope": "row"], .text(micrograph.id.wording)),
            .tag("td", [:], .text(zone.stamp(micrograph.begunAt))),
            .tag(
                "td", ["class": micrograph.fit.map { $0 <= grid.fitLimit ? "c-ok" : "c-warn" }],
                .text(micrograph.fit.map { "\(ReportNumber.text($0, 1)) Å" } ?? micrograph.fitWords),
                problem.map { .tag("small", [:], .name($0)) } ?? .nothing),
            cell(micrograph.rating?.words, "None"), .several(numbers.map { cell($0, "None", "number") }))
    }

    private func cell(_ words: String?, _ none: String, _ kind: String? = nil) -> HTMLText {
        .tag("td", ["class": kind], words.map { .text($0) } ?? .tag("span", ["class": "dim"], .text(none)))
    }
}
