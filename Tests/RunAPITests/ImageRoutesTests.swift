import Foundation
import Imaging
import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

@Suite struct ImageRoutesTests {
    private func mapped(_ bench: Bench, picture: String?) async throws -> GridID {
        let session = try await bench.session()
        let grid = GridID(session, slot: 1)
        let image = MapImage(
            file: "atlas.mrc", picture: picture, width: 64, height: 48, pixelSize: 500, centre: StagePosition(x: .zero, y: .zero),
            takenAt: bench.now)
        try await bench.record(.atlasAcquired(AtlasAcquired(grid: grid, image: image)), of: session)
        return grid
    }

    private var ramp: Imaging.Image {
        var image = Imaging.Image(width: 64, height: 48)
        for index in image.pixels.indices { image.pixels[index] = Float(index % 64) }
        return image
    }

    private func directory(_ bench: Bench) -> String { bench.folder.path(of: "sessions/demo/20261122_first") }

    @Test func `a picture is scaled to the size asked for, and not sent again while it is the same`() async throws {
        let bench = try await Bench()
        let grid = try await mapped(bench, picture: "atlas.png")
        try PNG.write(Thumbnail.picture(ramp, black: 0, white: 63), to: "\(directory(bench))/atlas.png")
        let path = "/api/targets/\(grid)/image.png"
        let small = await bench.ask("GET", path, query: ["size": "32"])
        #expect(small.headers["content-type"] == "image/png")
        let picture = try PNG.decode(small.bytes, file: "answer")
        #expect(picture.width == 32 && picture.height == 24)
        let again = await bench.ask("GET", path, query: ["size": "32"], headers: ["if-none-match": small.headers["etag"] ?? ""])
        #expect(again.status == 304 && again.bytes.isEmpty)
        let whole = await bench.ask("GET", path, query: ["size": "4096"])
        #expect(try PNG.decode(whole.bytes, file: "answer").width == 64)
        #expect(whole.headers["etag"] != small.headers["etag"])
        for size in ["31", "4097", "big"] { #expect(await bench.ask("GET", path, query: ["size": size]).status == 400) }
    }

    @Test func `without a picture the image itself is drawn`() async throws {
        let bench = try await Bench()
        let grid = try await mapped(bench, picture: "gone.png")
        try MRCFile.write(ramp, to: "\(directory(bench))/atlas.mrc")
        let answer = await bench.ask("GET", "/api/targets/\(grid)/image.png", query: ["size": "32"])
        #expect(try PNG.decode(answer.bytes, file: "answer").width == 32)
        let raw = await bench.ask("GET", "/api/targets/\(grid)/raw.mrc")
        #expect(raw.file == "\(directory(bench))/atlas.mrc")
    }

    /// Both files are there and good: only the links that lead to them are not followed.
    @Test(arguments: ["", "../../../"]) func `a link that leads out of the session's folder shows nothing`(_ way: String)
        async throws
    {
        let bench = try await Bench()
        let grid = try await mapped(bench, picture: "atlas.png")
        try PNG.write(Thumbnail.picture(ramp, black: 0, white: 63), to: bench.folder.path(of: "outside.png"))
        try MRCFile.write(ramp, to: bench.folder.path(of: "outside.mrc"))
        for end in ["png", "mrc"] {
            let goal = way.isEmpty ? bench.folder.path(of: "outside.\(end)") : "\(way)outside.\(end)"
            let link = "\(directory(bench))/atlas.\(end)"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: goal)
            #expect(FileManager.default.contents(atPath: link)?.isEmpty == false)
        }
        let answer = await bench.ask("GET", "/api/targets/\(grid)/image.png")
        #expect(answer.status == 404 && answer.code == "image.none")
        // The web server opens it, and nothing outside of this folder.
        let raw = await bench.ask("GET", "/api/targets/\(grid)/raw.mrc")
        #expect(raw.file == "\(directory(bench))/atlas.mrc" && raw.beneath == directory(bench))
    }

    @Test func `what has no image yet says so`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let none = await bench.ask("GET", "/api/targets/\(session).g1/image.png")
        #expect(none.status == 404 && none.code == "image.none")
        #expect(none.json["sentence"] == "There is no image of grid 1 yet.")
        #expect(await bench.ask("GET", "/api/targets/\(session).g1/raw.mrc").code == "image.none")
        #expect(await bench.ask("GET", "/api/targets/\(session).g1/image.png", query: ["kind": "spectrum"]).code == "image.none")
        #expect(await bench.ask("GET", "/api/targets/\(session).g1.s4/image.png").code == "target.unknown")
        #expect(await bench.ask("GET", "/api/targets/\(session).g9/image.png").status == 404)
    }

    @Test func `a half-written picture is named and harms nothing`() async throws {
        let bench = try await Bench()
        let grid = try await mapped(bench, picture: "atlas.png")
        try Data([0x89, 0x50, 0x4E, 0x47, 0, 1]).write(to: URL(fileURLWithPath: "\(directory(bench))/atlas.png"))
        let answer = await bench.ask("GET", "/api/targets/\(grid)/image.png")
        #expect(answer.status == 404)
        #expect(answer.json["sentence"]?.text?.isEmpty == false)
    }

}
