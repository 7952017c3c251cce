import JSONText
import RunModel
import Store
import WebServer

// Pictures and raw images. Paths come from the store, never from the request, and are opened only on threads that may
// block: frames often lie on network disks. A picture is made in the size that was asked for; a raw image is sent as it
// lies on the disk.
//
// A file is missing in three ways, and a page does something else with each. 404 `image.none`: not taken or not worked
// on yet; an event will tell. Another 404: the file is there and cannot be read, half written for instance. 503: its
// disk does not answer now; the page asks again. Reading is the right to see the session, also for the movie: whoever
// may look at a micrograph may take its frames home.
extension RouteTable {
    static func images(_ services: Services) -> [Route] {
        [
            Route(
                method: "GET", path: "/api/targets/{target}/image.png", access: .session(.readSession),
                summary: "The picture of a square, a hole, a micrograph or a grid's atlas.", query: ["size", "kind"],
                contentType: "image/png"
            ) { call, _ async throws(Problem) in
                // Pixels of the longer side. Nothing is gained above a camera's 4096, and the bound keeps a picture's
                // memory small.
                let size = Int(try call.number("size", 32...4096, else: 1024))
                let source = try await services.imageSource(call)
                let wantsSpectrum = try call.kind(["image", "spectrum"]) == "spectrum"
                return try await services.images.picture(
                    wantsSpectrum ? try source.ofSpectrum() : source, size: size, known: call.request.headers["if-none-match"])
            },
            Route(
                method: "GET", path: "/api/targets/{target}/raw.mrc", access: .session(.readSession),
                summary: "The image as it was recorded; of a micrograph the aligned average, or the movie with kind=movie.",
                query: ["kind"], contentType: "application/octet-stream"
            ) { call, _ async throws(Problem) in
                let wantsMovie = try call.kind(["image", "movie"]) == "movie"
                let source = try await services.imageSource(call)
                // Until processing has an average the movie stands in for it, so that a micrograph can be looked at as
                // soon as it is taken.
                guard let path = wantsMovie ? source.movie : source.image ?? source.movie else { throw source.missing }
                let name = "\(call.parameter("target"))\(wantsMovie ? "_movie" : "").mrc"
                return HTTPResponse(
                    headers: [
                        ("content-disposition", "attachment; filename=\"\(name)\""), ("cache-control", "private, no-cache"),
                    ],
                    body: .file(path: path, contentType: "application/octet-stream", beneath: source.folder(of: path)))
            },
        ]
    }
}

extension Call {
    /// The first is what counts when nothing is asked for. An unknown word is refused: a typing error must not fetch
    /// gigabytes of movie.
    fileprivate func kind(_ kinds: [String]) throws(Problem) -> String {
        let kind = request.query["kind"] ?? kinds[0]
        guard kinds.contains(kind) else {
            throw Problem(
                400, "request.query", "kind is not \(kinds.joined(separator: " or ")).", remedy: "Correct the address.")
        }
        return kind
    }
}

/// The files behind an image, absolute; nil for what is not there yet. That a path is here says that the file was
/// written once, not that it is still there or its disk awake.
struct ImageSource: Sendable {
    /// What to call it in a sentence.
    var name: String
    /// Drawn for pages when the image was taken or processed, with the contrast already set.
    var picture: String?
    /// The pixels as measured, MRC: the average of a micrograph, the map of a grid, square or hole.
    var image: String?
    var spectrum: String?
    var movie: String?
    /// The session's, which nothing of it may lie outside of; and where detectors put their frames by the facility's own word.
    var folders: [String] = []

    /// Of the picture and the image, which are always the session's own.
    var folder: String? { folders.first }
    /// The folder that a file must not be led out of by a link. One that is in none is looked for in the session's, and not found.
    func folder(of path: String) -> String? { folders.first { path.hasPrefix("\($0)/") } ?? folder }

    var missing: Problem {
        Problem(
            404, "image.none", "There is no image of \(name) yet.", remedy: "It appears once it has been taken and processed.")
    }

    /// The spectrum as if it were the picture. There is no image to fall back on.
    func ofSpectrum() throws(Problem) -> ImageSource {
        guard let spectrum else {
            throw Problem(
                404, "image.none", "There is no power spectrum of \(name) yet.",
                remedy: "It appears once the movie has been processed."
            )
        }
        return ImageSource(name: "the power spectrum of \(name)", picture: spectrum, folders: folders)
    }
}

extension Services {
    /// Where the files of what the path names are. The state is read once, so all of them are of one moment.
    fileprivate func imageSource(_ call: Call) async throws(Problem) -> ImageSource {
        let text = call.parameter("target")
        guard let id = ItemID(text) else { throw .unknown("target", text) }
        let grid = try await gridState(id.grid).state
        let session = id.session
        guard let directory = try await reading({ store throws(StoreError) in try store.session(session)?.session.directory })
        else {
            throw .unknown("session", session.rawValue)
        }
        guard let source = imageSource(of: id, in: grid, directory) else {
            if case .micrograph = id { throw .unknown("micrograph", text) }
            throw .unknown("target", text)
        }
        return source
    }

    /// Nil for what the grid does not have. `directory` is the session's.
    func imageSource(of id: ItemID, in grid: GridState, _ directory: String) -> ImageSource? {
        let files = engine.parts.files
        let folders = [files.path(directory)] + facility.detectors.compactMap(\.framesDirectory)
        func absolute(_ relative: String?) -> String? {
            // Names come from the store; none may lead out of the session's directory all the same.
            guard let relative, !relative.isEmpty, !relative.split(separator: "/").contains("..") else { return nil }
            return relative.hasPrefix("/") ? relative : files.path("\(directory)/\(relative)")
        }
        switch id {
        case .grid:
            return ImageSource(
                name: "grid \(grid.grid.slot)", picture: absolute(grid.atlas?.picture), image: absolute(grid.atlas?.file),
                folders: folders)
        case .target(let target):
            guard let found = grid.target(target) else { return nil }
            return ImageSource(
                name: "\(target.kind.rawValue) \(target.number)", picture: absolute(found.image?.picture),
                image: absolute(found.image?.file), folders: folders)
        case .micrograph(let micrograph):
            // The last of that id: an exposure that was taken again stands behind the first one.
            guard let found = grid.micrograph(micrograph) else { return nil }
            let measured = found.measurement
            return ImageSource(
                name: "exposure \(micrograph.number) of hole \(micrograph.hole.number)", picture: absolute(measured?.picture),
                image: absolute(measured?.average), spectrum: absolute(measured?.spectrum), movie: absolute(found.movie),
                folders: folders)
        }
    }
}
