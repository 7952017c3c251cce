import RunModel

/// A grid from its name to the last of its exposures.
struct ReportGrid {
    let grid: GridState
    let facts: ReportFacts
    let pictures: ReportPictures

    var html: HTMLText {
        let choice = facts.choice(of: grid)
        return .tag(
            "section", ["class": "grid", "id": grid.grid.anchor, "aria-labelledby": id("name")],
            .tag(
                "div", ["class": "card"],
                .tag(
                    "div", ["class": "row"], .tag("h2", ["id": id("name"), "class": "title"], .name(grid.grid.wording)),
                    ReportIcon.pill(ReportStanding(of: grid, isLiving: facts.isLiving))),
                place, problem, notes, figures),
            .tag("div", ["class": "pair"], atlas, charts), squares(choice), images(choice),
            ReportExposures(grid: grid, zone: facts.zone).html)
    }

    private func id(_ part: String) -> String { "\(grid.grid.anchor)-\(part)" }

    private var place: HTMLText {
        let grid = grid.grid
        var parts: [HTMLText] = [.text("Position \(grid.slot)")]
        if let type = grid.holeType { parts.append(["holes ", .name(type)]) }
        if let mesh = grid.meshMaterial { parts.append(["mesh ", .name(mesh)]) }
        parts.append(["recipe ", .name(grid.recipe)])
        if let start = self.grid.startedAt { parts.append(.text("begun \(facts.zone.stamp(start))")) }
        if let start = self.grid.startedAt, let end = self.grid.endedAt {
            parts.append(.text("took \(ReportNumber.duration(end.seconds(since: start)))"))
        }
        return .tag("p", ["class": "dim"], .several(parts.enumerated().map { index, part in index == 0 ? part : [" · ", part] }))
    }

    private var problem: HTMLText {
        guard let problem = grid.problem else { return .nothing }
        return .tag("p", ["class": grid.status == .completed ? "c-warn" : "c-err"], .name(problem))
    }

    private var notes: HTMLText {
        guard let notes = grid.notes else { return .tag("p", ["class": "dim"], "Nobody has judged it or written notes.") }
        let quality = notes.quality.map { $0 == .good ? "Judged good" : "Judged bad" } ?? "Not judged"
        return [
            notes.text.isEmpty ? .nothing : .tag("p", ["class": "notes"], .name(notes.text)),
            .tag("p", ["class": "dim"], "\(quality), by ", .name(notes.by), " \(facts.zone.stamp(notes.at))"),
        ]
    }

    private var figures: HTMLText {
        let rows = GridFigures(grid).rows(limit: grid.fitLimit).map { name, value in
            HTMLText.tag("div", [:], .tag("dt", [:], .text(name)), .tag("dd", [:], .text(value)))
        }
        return .tag("dl", ["class": "figures"], .several(rows))
    }

    private var atlas: HTMLText {
        let picture = pictures[grid.grid.id.rawValue]
        return .tag(
            "section", ["class": "card"], .tag("h3", [:], "Atlas"),
            ReportMap(
                what: "The atlas", alt: "Atlas of \(grid.grid.name) with its squares", image: grid.atlas, targets: grid.squares,
                picture: picture, time: facts.zone
            ).html)
    }

    private var charts: HTMLText {
        let saved = grid.micrographs.filter { $0.savedAt != nil }
        guard saved.contains(where: { $0.measurement != nil }) else {
            return .tag(
                "section", ["class": "card"], .tag("h3", [:], "Fit and defocus"),
                .tag("p", ["class": "dim"], "No image was measured."))
        }
        return .tag(
            "section", ["class": "card charts"], .tag("h3", [:], "Fit and defocus, in the order of exposure"),
            ReportChart.fits(saved, limit: grid.fitLimit).html, ReportChart.defocus(saved).html)
    }

    private func squares(_ choice: ReportChoice) -> HTMLText {
        guard !choice.squares.isEmpty else { return .nothing }
        let figures = choice.squares.map { square -> HTMLText in
            let name = "Square \(square.id.number)"
            let holes = grid.holes.filter { $0.id.square == square.id }
            return .tag(
                "div", ["class": "card"], .tag("h4", [:], .text("\(name), \(ReportNumber.plural(holes.count, "hole"))")),
                ReportMap(
                    what: "The picture of square \(square.id.number)", alt: "\(name) with its holes", image: square.image,
                    targets: holes,
                    picture: pictures[square.id.rawValue], time: facts.zone
                ).html)
        }
        return [
            .tag("h3", [:], "Squares", leftOut(choice.squaresLeftOut, of: choice.squares.count, "those with the most exposures")),
            .tag("div", ["class": "tiles large"], .several(figures)),
        ]
    }

    private func images(_ choice: ReportChoice) -> HTMLText {
        guard !choice.groups.isEmpty else { return .nothing }
        let words = leftOut(choice.micrographsLeftOut, of: choice.micrographs.count, "rated ones, the best and the worst by fit")
        let groups = choice.groups.map { group -> HTMLText in
            [
                .tag("h4", [:], .text(group.title)),
                .tag("div", ["class": "tiles"], .several(group.micrographs.map(thumbnail))),
            ]
        }
        return [.tag("h3", [:], "High magnification", words), .several(groups)]
    }

    private func leftOut(_ number: Int, of shown: Int, _ which: String) -> HTMLText {
        let words =
            number == 0 ? "" : " of \(ReportNumber.count(shown + number)): \(which). \(ReportNumber.count(number)) left out"
        return .tag("span", ["class": "dim plain"], .text(" \(ReportNumber.count(shown))\(words)"))
    }

    private func thumbnail(_ micrograph: Micrograph) -> HTMLText {
        let name = micrograph.id.wording
        let picture = pictures[micrograph.id.rawValue]
        let image: HTMLText =
            if case .held(let address) = picture { .tag("img", ["src": address, "alt": "Micrograph \(name)"]) } else {
                .tag("p", ["class": "noimage"], .text(picture.words("The picture") ?? ""))
            }
        let defocus = micrograph.measurement?.ctf.map { "\(ReportNumber.text($0.defocus.micrometres, 2)) µm" }
        let words = [defocus, micrograph.rating?.words].compactMap(\.self).joined(separator: " · ")
        return .tag(
            "figure", ["class": "card thumb"], image,
            .tag(
                "figcaption", [:],
                .tag(
                    "div", ["class": "row"], .tag("b", [:], .text(name)),
                    ReportIcon.pill(ReportStanding(of: micrograph, limit: grid.fitLimit))),
                .tag("span", ["class": "dim"], .text(words))))
    }
}
