import RunModel

/// All that a report is made of, of one moment.
struct ReportFacts: Sendable {
    var session: SessionState
    /// Of which it tells: one, or all of the session in the order of their positions.
    var grids: [GridState]
    var isOfSession: Bool
    /// A run stands behind the session's status.
    var isLiving: Bool
    var zone: FacilityZone
    var madeAt: Timestamp
    var madeBy: String
    var version: String

    /// What the file is called in a window's title and at its top.
    var title: String { isOfSession ? session.session.name : grids.first.map(\.grid.wording) ?? session.session.name }

    func choice(of grid: GridState) -> ReportChoice {
        // Of twelve grids fewer each, so that all find room.
        isOfSession ? ReportChoice(grid, squares: 4, micrographs: 16) : ReportChoice(grid, squares: 12, micrographs: 40)
    }

    func time(_ moment: Timestamp?) -> String { moment.map(zone.stamp) ?? "Not yet" }
}

extension Grid {
    /// `6 gpcr_B2`: the position first, as everywhere.
    var wording: String { "\(slot) \(name)" }
    /// What a link within the report leads to.
    var anchor: String { "grid-\(slot)" }
}
