import RunModel

/// The whole file. It holds all that it shows: it opens years later, without a server, a network or a script.
struct ReportPage {
    let facts: ReportFacts
    let pictures: ReportPictures

    /// What the browser may do with it, in the answer and, for the file on somebody's disk, in itself.
    static let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

    var bytes: [UInt8] { Array("<!doctype html>\n".utf8) + html.bytes }

    var html: HTMLText {
        let title = "\(facts.title), report"
        return .tag(
            "html", ["lang": "en"],
            .tag(
                "head", [:], .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["http-equiv": "content-security-policy", "content": Self.policy]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                // Without one a browser would ask for one beside the file.
                .tag("link", ["rel": "icon", "href": "data:,"]), .tag("title", [:], .text(title)), ReportStyle.sheet),
            .tag("body", [:], ReportIcon.sprite, .tag("main", [:], head, overview, .several(facts.grids.map(grid))), foot))
    }

    private func grid(_ grid: GridState) -> HTMLText { ReportGrid(grid: grid, facts: facts, pictures: pictures).html }

    private var head: HTMLText {
        let status = ReportStanding(of: facts.session.status)
        let kind: HTMLText = facts.isOfSession ? "Session report" : "Grid report"
        return .tag(
            "header", ["class": "card head"], .tag("p", ["class": "dim"], kind),
            .tag(
                "div", ["class": "row"], .tag("h1", [:], .name(facts.title)),
                facts.isOfSession ? ReportIcon.pill(status) : .nothing),
            .tag("div", ["class": "facts"], ReportSession(facts: facts).html), missing)
    }

    /// What a reader would look for in vain.
    private var missing: HTMLText {
        var words: [String] = []
        if pictures.leftOut > 0 {
            let reason = pictures.limit == .time ? "reading them took too long" : "the file would be larger than 40 MB"
            words.append("\(ReportNumber.plural(pictures.leftOut, "picture")) left out, because \(reason).")
        }
        if pictures.unreadable > 0 { words.append("\(ReportNumber.plural(pictures.unreadable, "picture")) could not be read.") }
        guard !words.isEmpty else { return .nothing }
        return .tag("p", ["class": "notice"], ReportIcon.use("warn"), .text(words.joined(separator: " ")))
    }

    /// A line for each grid, where there are several.
    private var overview: HTMLText {
        guard facts.isOfSession else { return .nothing }
        let head = ["Grid", "Status", "Quality", "Squares", "Holes", "Images", "Median CTF fit", "Within limit"]
        let rows = facts.grids.map { grid -> HTMLText in
            let figures = GridFigures(grid)
            let numbers = [
                ReportNumber.count(figures.squaresImaged), ReportNumber.count(figures.holesImaged),
                ReportNumber.count(figures.images),
                figures.medianFit.map { "\(ReportNumber.text($0, 1)) Å" } ?? "None",
                figures.processed == 0 ? "None" : ReportNumber.share(figures.withinLimit, of: figures.processed),
            ]
            let quality: HTMLText =
                grid.notes?.quality.map { .text($0.rawValue.capitalisedWord) } ?? .tag("span", ["class": "dim"], "None")
            return .tag(
                "tr", [:], .tag("th", ["scope": "row"], .tag("a", ["href": "#\(grid.grid.anchor)"], .name(grid.grid.wording))),
                .tag("td", [:], ReportIcon.pill(ReportStanding(of: grid, isLiving: facts.isLiving))), .tag("td", [:], quality),
                .several(numbers.map { .tag("td", ["class": "number"], .text($0)) }))
        }
        return .tag(
            "section", ["class": "card", "aria-labelledby": "overview"], .tag("h2", ["id": "overview"], "Grids"),
            ReportTable.scrolling("Grids", head: head, numbersFrom: 3, rows: rows))
    }

    private var foot: HTMLText {
        let when = "\(facts.zone.stamp(facts.madeAt)) (\(facts.zone.name))"
        return .tag(
            "footer", ["class": "dim"],
            .tag(
                "p", [:], "Made \(when) by ", .name(facts.madeBy),
                " with GridPilot \(facts.version). Defocus is negative under focus. ",
                "A fit is the resolution to which the CTF agrees with the image."))
    }
}
