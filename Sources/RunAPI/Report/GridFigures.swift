import RunModel

/// What a grid came to, in numbers.
struct GridFigures: Equatable {
    var squares = 0
    var squaresImaged = 0
    var holes = 0
    var holesImaged = 0
    /// Whole on the disk: what is being exposed may still fail.
    var images = 0
    var processed = 0
    /// Å.
    var medianFit: Double?
    /// Of those that were processed: one without a fit is not better than the limit.
    var withinLimit = 0
    /// Of the fit against what was aimed at, µm.
    var medianDefocusError: Double?
    /// Å.
    var medianMotion: Double?
    /// Of the holes that were imaged, nm.
    var medianThickness: Double?
    var iceRings = 0
    var rated = 0

    init(_ grid: GridState) {
        let imaged: Set<TargetStatus> = [.acquired, .processed, .completed]
        let holes = grid.holes.filter { imaged.contains($0.status) }
        let measurements = grid.micrographs.compactMap(\.measurement)
        squares = grid.squares.count
        // One that waits to be mapped again has been mapped.
        squaresImaged = grid.squares.count { imaged.contains($0.status) || $0.image != nil }
        self.holes = grid.holes.count
        holesImaged = holes.count
        images = grid.micrographs.count { $0.savedAt != nil }
        processed = measurements.count
        medianFit = ReportNumber.median(grid.micrographs.compactMap(\.fit))
        withinLimit = grid.micrographs.count { $0.fit.map { $0 <= grid.fitLimit } ?? false }
        medianDefocusError = ReportNumber.median(
            grid.micrographs.compactMap { micrograph in
                guard micrograph.fit != nil, let fitted = micrograph.measurement?.ctf?.defocus else { return nil }
                return (fitted - micrograph.targetDefocus).micrometres
            })
        medianMotion = ReportNumber.median(measurements.map(\.totalMotion))
        medianThickness = ReportNumber.median(holes.compactMap(\.thickness))
        iceRings = measurements.count { $0.warnings?.contains(.iceRing) ?? false }
        rated = grid.micrographs.count { $0.rating != nil }
    }
}

extension GridFigures {
    /// As they stand below a grid's name: what was not measured is left out, what may still come is not.
    func rows(limit: Double) -> [(String, String)] {
        var rows = [
            ("Squares imaged", "\(ReportNumber.count(squaresImaged)) of \(ReportNumber.count(squares))"),
            ("Holes imaged", "\(ReportNumber.count(holesImaged)) of \(ReportNumber.count(holes))"),
            ("Images", ReportNumber.count(images)),
            ("Median CTF fit", medianFit.map { "\(ReportNumber.text($0, 1)) Å" } ?? "None"),
            (
                "Fit of \(ReportNumber.text(limit, 1)) Å or better",
                processed == 0
                    ? "None"
                    : "\(ReportNumber.share(withinLimit, of: processed)), \(ReportNumber.count(withinLimit)) of \(ReportNumber.count(processed))"
            ),
        ]
        if let medianDefocusError {
            // The sign tells on which side of what was aimed at; nothing has none.
            let sign = medianDefocusError >= 0.005 ? "+" : ""
            rows.append(("Median defocus error", "\(sign)\(ReportNumber.text(medianDefocusError, 2)) µm"))
        }
        if let medianMotion { rows.append(("Median motion", "\(ReportNumber.text(medianMotion, 1)) Å")) }
        if let medianThickness { rows.append(("Median ice thickness", "\(ReportNumber.text(medianThickness, 0)) nm")) }
        if iceRings > 0 { rows.append(("With an ice ring", ReportNumber.count(iceRings))) }
        if rated > 0 { rows.append(("Rated", ReportNumber.count(rated))) }
        return rows
    }
}
