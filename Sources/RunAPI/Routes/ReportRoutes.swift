import RunModel
import Store
import WebServer

// A report is one file for people: whoever gets it needs nothing else. Its pictures are read one after the other, so it takes seconds.
extension RouteTable {
    static func reports(_ services: Services) -> [Route] {
        [
            Route(
                method: "GET", path: "/api/grids/{grid}/export/report.html", access: .session(.readSession),
                summary: "The grid with its pictures, numbers and exposures, as one page to keep.", contentType: "text/html"
            ) { call, _ async throws(Problem) in
                try await services.report(of: call.grid.session, only: call.grid, for: call.person.username)
            },
            Route(
                method: "GET", path: "/api/sessions/{session}/export/report.html", access: .session(.readSession),
                summary: "The session with all its grids, as one page to keep.", contentType: "text/html"
            ) { call, _ async throws(Problem) in
                try await services.report(of: call.session, only: nil, for: call.person.username)
            },
        ]
    }
}

extension Services {
    /// A report's pictures together, as they stand in it: what a mail program still takes.
    static let reportSize = 40_000_000
    /// For reading them: as long as somebody waits who has asked for a file.
    static let reportPatience = Duration.seconds(120)

    fileprivate func report(of id: SessionID, only grid: GridID?, for person: String) async throws(Problem) -> HTTPResponse {
        try reportTurns.take()
        defer { reportTurns.giveBack() }
        let (facts, name) = try await reportFacts(of: id, only: grid, for: person)
        let pictures = await reportPictures(wanted(facts), below: Self.reportSize, within: Self.reportPatience)
        // Megabytes of text are put together on a thread that may block.
        let bytes = try await downloads.answer { () throws(Problem) in ReportPage(facts: facts, pictures: pictures).bytes }
        return HTTPResponse(
            headers: [
                ("content-type", "text/html; charset=utf-8"),
                ("content-disposition", "attachment; filename=\"\(name)_report.html\""),
                ("content-security-policy", "\(ReportPage.policy); frame-ancestors 'none'; sandbox"),
            ], body: .bytes(bytes))
    }

    private func reportFacts(
        of id: SessionID, only grid: GridID?, for person: String
    ) async throws(Problem) -> (facts: ReportFacts, name: String) {
        let wasLiving = await engine.isLiving(id)
        let read = try await reading(on: downloads) { store throws(StoreError) -> (SessionState, [GridState])? in
            guard let session = try store.state(of: id)?.state else { return nil }
            var grids: [GridState] = []
            for id in session.grids.map(\.grid.id) where grid == nil || id == grid {
                grids += [try store.state(of: id)?.state].compactMap(\.self)
            }
            return (session, grids)
        }
        guard var (session, grids) = read else { throw .unknown("session", id.rawValue) }
        if let grid, grids.isEmpty { throw .unknown("grid", grid.rawValue) }
        session.status = await derived(session.status, of: id, wasLiving: wasLiving)
        grids.sort { $0.grid.slot < $1.grid.slot }
        // The session's, which may have been changed since: a grid has the one that it began with.
        for index in grids.indices { grids[index].fitLimit = session.session.settings.fitLimit }
        let facts = ReportFacts(
            session: session, grids: grids, isOfSession: grid == nil, isLiving: session.status.needsHolder,
            zone: engine.parts.zone,
            madeAt: now, madeBy: person, version: configuration.version)
        return (facts, grid == nil ? session.session.name : grids[0].grid.fileName)
    }

    /// Atlases first: when there is no room for all, each grid still has its own.
    private func wanted(_ facts: ReportFacts) -> [ReportPictures.Wanted] {
        let directory = facts.session.session.directory
        func wanted(_ id: ItemID, _ grid: GridState, _ text: String, _ size: Int) -> [ReportPictures.Wanted] {
            [imageSource(of: id, in: grid, directory)].compactMap { source in
                source.map { ReportPictures.Wanted(id: text, source: $0, size: size) }
            }
        }
        let choices = facts.grids.map { ($0, facts.choice(of: $0)) }
        return choices.flatMap { grid, _ in wanted(.grid(grid.grid.id), grid, grid.grid.id.rawValue, 960) }
            + choices.flatMap { grid, choice in
                choice.squares.flatMap { wanted(.target($0.id), grid, $0.id.rawValue, 512) }
            }
            + choices.flatMap { grid, choice in
                choice.micrographs.flatMap { wanted(.micrograph($0.id), grid, $0.id.rawValue, 240) }
            }
    }
}
