import JSONText
import RunModel
import Store
import WebServer

// What other programs take up where a session ends. Each file is put together on a thread that may block: of a whole session it is megabytes.
extension RouteTable {
    static func exports(_ services: Services) -> [Route] {
        Export.all.flatMap { export in
            [
                Route(
                    method: "GET", path: "/api/grids/{grid}/export/\(export.file)", access: .session(.readSession),
                    summary: export.summary, contentType: export.type
                ) { call, _ async throws(Problem) in
                    try await services.answer(export, of: call.grid.session, only: call.grid)
                },
                export.isOfSessions
                    ? Route(
                        method: "GET", path: "/api/sessions/{session}/export/\(export.file)", access: .session(.readSession),
                        summary: "\(export.summary) Of all its grids.", contentType: export.type
                    ) { call, _ async throws(Problem) in try await services.answer(export, of: call.session, only: nil) } : nil,
            ].compactMap(\.self)
        }
    }
}

/// A file that is made of what the store knows.
struct Export: Sendable {
    /// By which RELION's users and others expect it.
    let file: String
    let type: String
    let summary: String
    /// Of one grid alone otherwise.
    var isOfSessions = true
    let text: @Sendable (_ session: SessionState, _ grids: [GridState]) -> String

    static let all = [
        Export(file: "movies.star", type: "text/plain", summary: "The movies, as RELION 3.1 imports them.") { session, grids in
            StarFile.movies(grids.flatMap(\.micrographs), of: session.microscope)
        },
        Export(
            file: "micrographs_ctf.star", type: "text/plain",
            summary: "The micrographs that have a CTF fit, as RELION 3.1 reads them."
        ) { session, grids in StarFile.micrographs(grids.flatMap(\.micrographs), of: session.microscope) },
        Export(file: "micrographs.csv", type: "text/csv", summary: "Every exposure and what was measured, as a table.") {
            _, grids in
            TableExport.micrographs(grids.flatMap(\.micrographs), of: grids.map(\.grid))
        },
        Export(file: "exposure_groups.csv", type: "text/csv", summary: "The exposure group of each movie, as cryoSPARC has them.")
        {
            _, grids in TableExport.exposureGroups(grids.flatMap(\.micrographs))
        },
        Export(
            file: "targets.nav", type: "text/plain", summary: "Squares and holes, as SerialEM's Navigator reads them.",
            isOfSessions: false
        ) { _, grids in grids.map(NavigatorExport.text).joined() },
    ]
}

extension Services {
    /// The microscope is that which the session was made with: one that was changed since must not change old results.
    fileprivate func answer(_ export: Export, of id: SessionID, only grid: GridID?) async throws(Problem) -> HTTPResponse {
        let made = try await reading(on: downloads) { store throws(StoreError) -> (name: String, bytes: [UInt8])? in
            guard let session = try store.state(of: id)?.state else { return nil }
            let wanted = session.grids.map(\.grid.id).filter { grid == nil || $0 == grid }
            var grids: [GridState] = []
            for id in wanted { grids += [try store.state(of: id)?.state].compactMap(\.self) }
            guard grid == nil || !grids.isEmpty else { return nil }
            return (grids.count == 1 ? grids[0].grid.fileName : session.session.name, Array(export.text(session, grids).utf8))
        }
        guard let made else { throw grid.map { .unknown("grid", $0.rawValue) } ?? .unknown("session", id.rawValue) }
        return HTTPResponse(
            headers: [
                ("content-type", "\(export.type); charset=utf-8"),
                // A browser saves it instead of showing it; programs look for the very name, so that stays at the end.
                (
                    "content-disposition",
                    "attachment; filename=\"\(export.isNamedAlone ? export.file : "\(made.name)_\(export.file)")\""
                ),
            ], body: .bytes(made.bytes))
    }
}

extension Export {
    /// STAR files have names that RELION's users expect.
    fileprivate var isNamedAlone: Bool { file.hasSuffix(".star") }
}
