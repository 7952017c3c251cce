import RunModel

/// Whose session it was, on what, when, and the settings that matter to whoever reads the images.
struct ReportSession {
    let facts: ReportFacts

    var html: HTMLText {
        [
            list("Session", about), list("Microscope", equipment), list("Exposures", exposures),
            list("Choice of targets", targets),
        ]
    }

    private typealias Fact = (name: String, value: HTMLText)

    private func list(_ title: String, _ facts: [Fact]) -> HTMLText {
        let rows = facts.map { fact in HTMLText.tag("div", [:], .tag("dt", [:], .text(fact.name)), .tag("dd", [:], fact.value)) }
        return .tag("section", [:], .tag("h2", [:], .text(title)), .tag("dl", [:], .several(rows)))
    }

    private var about: [Fact] {
        let state = facts.session
        var list: [Fact] = [
            ("Name", .name(state.session.name)), ("Group", .name(state.session.group)),
            ("Set up", ["\(facts.time(state.session.createdAt)) by ", .name(state.session.createdBy)]),
        ]
        if let start = state.process.startedAt {
            list.append(
                ("Last started", ["\(facts.time(start))", state.process.startedBy.map { [" by ", .name($0)] } ?? .nothing]))
        }
        if let end = state.process.endedAt { list.append(("Ended", .text(facts.time(end)))) }
        list.append(("Status", .text(ReportStanding(of: state.status).word)))
        // Why a run broke off.
        if let sentence = state.outcome?.sentence { list.append(("Reason", .name(sentence))) }
        list.append(("Time zone", .text(facts.zone.name)))
        return list
    }

    private var equipment: [Fact] {
        let (microscope, detector) = (facts.session.microscope, facts.session.detector)
        return [
            ("Microscope", .name(microscope.name)), ("Voltage", .text("\(ReportNumber.text(microscope.voltage, 0)) kV")),
            ("Cs", .text("\(ReportNumber.text(microscope.cs, 2)) mm")), ("Detector", .name(detector.name)),
            ("Size", .text("\(ReportNumber.count(detector.width)) × \(ReportNumber.count(detector.height)) pixels")),
            ("Pixel size", .text("\(ReportNumber.text(detector.pixelSize, 3)) Å")),
        ]
    }

    private var exposures: [Fact] {
        let settings = facts.session.session.settings
        let defocus = settings.defocus
        let ends = "\(micrometres(defocus.weakest)) to \(micrometres(defocus.strongest)) µm"
        return [
            (
                "Movie",
                .text(
                    "\(ReportNumber.plural(settings.movie.frames, "frame")) in \(ReportNumber.text(settings.movie.exposureTime, 2)) s"
                )
            ),
            ("Dose", .text("\(ReportNumber.text(settings.movie.dose, 1)) e⁻/Å²")),
            ("Defocus", .text(defocus.weakest == defocus.strongest ? "\(micrometres(defocus.weakest)) µm" : ends)),
            ("Defocus step", .text("\(micrometres(defocus.step)) µm")),
            ("Tilt angle", .text("\(ReportNumber.text(settings.tiltAngle, 1))°")),
            ("Drift limit", .text("\(ReportNumber.text(settings.driftLimit, 1)) Å/s")),
            ("CTF fit limit", .text("\(ReportNumber.text(settings.fitLimit, 1)) Å")),
        ]
    }

    private var targets: [Fact] {
        let settings = facts.session.session.settings
        return [
            ("Goal", settings.mode == .screening ? "Screening" : "Data collection"),
            ("Plan", .text(facts.session.plan.words.capitalisedWord)),
            ("Atlas", .text("\(settings.atlasTiles) × \(settings.atlasTiles) tiles")),
            ("Squares", .text("\(ReportNumber.count(settings.squaresPerGrid)) per grid")),
            ("Holes", .text("\(ReportNumber.count(settings.holesPerSquare)) per square")),
            ("Exposures", .text("\(ReportNumber.count(settings.exposuresPerHole)) per hole")),
            ("Image shift", .text("Up to \(ReportNumber.text(settings.imageShiftLimit.micrometres, 1)) µm")),
        ]
    }

    private func micrometres(_ length: Length) -> String { ReportNumber.text(length.micrometres, 2) }
}
