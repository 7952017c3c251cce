import Foundation
import Imaging
import RunModel
import Testing

@testable import RunAPI

@Suite struct ReportRoutesTests {
    private func mapped(_ bench: Bench) async throws -> SessionID {
        let session = try await bench.session()
        let image = MapImage(
            file: "atlas.mrc", picture: "atlas.png", width: 64, height: 48, pixelSize: 500,
            centre: StagePosition(x: .zero, y: .zero),
            takenAt: bench.now)
        try await bench.record(.atlasAcquired(AtlasAcquired(grid: GridID(session, slot: 1), image: image)), of: session)
        return session
    }

    private func path(_ bench: Bench) -> String { bench.folder.path(of: "sessions/demo/20261122_first/atlas.png") }

    @Test func `a report is a file that loads nothing and runs nothing`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for (address, name) in [("/api/grids/\(session).g2", "a"), ("/api/sessions/\(session)", "first")] {
            let answer = await bench.ask("GET", "\(address)/export/report.html")
            #expect(answer.status == 200 && answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(answer.headers["content-disposition"] == "attachment; filename=\"\(name)_report.html\"")
            let policy = answer.headers["content-security-policy"] ?? ""
            #expect(
                policy.hasPrefix("default-src 'none'; style-src 'unsafe-inline'; img-src data:;") && policy.hasSuffix("sandbox"))
            #expect(
                answer.text.hasPrefix("<!doctype html>") && !answer.text.contains("<script") && !answer.text.contains("http://"))
        }
        #expect(await bench.ask("GET", "/api/grids/\(session).g7/export/report.html").code == "grid.unknown")
    }

    @Test func `fits are judged by the session's limit, also where it was changed since`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let changed = await bench.ask("PUT", "/api/sessions/\(session)/settings", body: ["settings": ["fitLimit": 9]])
        #expect(changed.status == 202)
        let text = await bench.ask("GET", "/api/grids/\(session).g2/export/report.html").text
        #expect(text.contains("Fit of 9.0 Å or better") && !text.contains("6.0 Å"))
    }

    @Test func `a session's report has its grids by position, a grid's only that one`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        func titles(_ address: String) async -> [String] {
            let text = await bench.ask("GET", "\(address)/export/report.html").text
            return text.components(separatedBy: "class=\"title\"><bdi>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        }
        #expect(await titles("/api/sessions/\(session)") == ["1 b", "2 a"])
        #expect(await titles("/api/grids/\(session).g2") == ["2 a"])
    }

    @Test func `a picture is in the file, and one that cannot be read is told from one that was not taken`() async throws {
        let bench = try await Bench()
        let session = try await mapped(bench)
        func report(_ slot: Int) async -> String {
            await bench.ask("GET", "/api/grids/\(session).g\(slot)/export/report.html").text
        }
        #expect(await report(1).contains("The atlas could not be read"))
        try Data([0x89, 0x50, 0x4E, 0x47, 0, 1]).write(to: URL(fileURLWithPath: path(bench)))
        #expect(await report(1).contains("The atlas could not be read"))
        #expect(await report(2).contains("The atlas: none was taken"))
        try PNG.write(Thumbnail.picture(Imaging.Image(width: 64, height: 48), black: 0, white: 63), to: path(bench))
        let whole = await report(1)
        let encoded = whole.components(separatedBy: "<image href=\"data:image/png;base64,").last?.prefix { $0 != "\"" } ?? ""
        let picture = try PNG.decode(Array(Data(base64Encoded: String(encoded)) ?? Data()), file: "report")
        #expect(picture.width == 64 && picture.height == 48 && !whole.contains("could not be read"))
        // What pages look at now is not pushed out for a file that is made once.
        #expect(bench.api.services.images.heldBytes == 0)
    }

    @Test func `pictures end at a size and at a time, and the first ones are kept`() async throws {
        let bench = try await Bench()
        _ = try await mapped(bench)
        try PNG.write(Thumbnail.picture(Imaging.Image(width: 64, height: 48), black: 0, white: 63), to: path(bench))
        let wanted = ["first", "second"].map {
            ReportPictures.Wanted(id: $0, source: ImageSource(name: $0, picture: path(bench)), size: 64)
        }
        let services = bench.api.services
        let all = await services.reportPictures(wanted, below: 1 << 20, within: .seconds(1))
        guard case .held(let address) = all["second"] else { throw Unexpected(answer: "no picture") }
        let few = await services.reportPictures(wanted, below: address.utf8.count, within: .seconds(1))
        #expect(few["first"] == .held(address) && few["second"] == .leftOut && few.limit == .size)
        let none = await services.reportPictures(wanted, below: 1 << 20, within: .seconds(-1))
        #expect(none["first"] == .leftOut && none.leftOut == 2 && none.limit == .time)
    }

    @Test func `a third report at once is asked to come back`() throws {
        let turns = ReportTurns()
        try turns.take()
        try turns.take()
        #expect(throws: Problem.self) { try turns.take() }
        turns.giveBack()
        try turns.take()
    }
}
