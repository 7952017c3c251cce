import Blocking
import Imaging
import Synchronization
import WebServer

/// Pictures in the sizes that pages asked for, the newest ones kept. Each file is read on its disk's lane and scaled on
/// the cache's own, so that neither a silent disk nor a crowd of pages holds up anybody else.
///
/// A picture is never an old one: its file's time and length are part of its key, and pages are told to ask each time
/// (`no-cache`). That costs one look at the file, and 304 without a body where nothing has changed. `private`, since
/// the next person at a shared proxy may not have the right to see it.
final class ImageCache: Sendable {
    struct Key: Hashable {
        var path: String
        /// Tells a file that was written anew: its time in milliseconds, and its length for a disk that counts whole
        /// seconds.
        var version: String
        var size: Int
    }
    private struct Kept {
        var pictures: [Key: (bytes: [UInt8], used: Int)] = [:]
        var bytes = 0
        var clock = 0
    }
    private let kept = Mutex(Kept())
    /// What the pictures take together. Never above the limit: what was not asked for the longest goes first.
    var heldBytes: Int { kept.withLock(\.bytes) }
    private let limit: Int
    private let disks: DiskLanes
    // Three, so that a wall of thumbnails uses the machine and still leaves it room to work on movies. 64 more may
    // wait; beyond that a page is told 503 and asks again.
    private let scaling = BlockingLane("scaling of pictures", width: 3, waiting: 64)

    /// 32 MB hold some forty pictures of 1024 pixels or many hundred thumbnails: those of the grids that people look at
    /// right now.
    init(disks: DiskLanes, limit: Int = 32 << 20) {
        self.disks = disks
        self.limit = limit
    }

    /// The picture of `source`, its longer side no longer than `size`; drawn from the image itself where nobody has
    /// drawn one yet. `known` is the tag of what the page has.
    ///
    /// Two pages that ask for the same new picture at once have it made twice. That is rare, and cheaper than making
    /// one wait for the other.
    func picture(_ source: ImageSource, size: Int, known: String?) async throws(Problem) -> HTTPResponse {
        guard let (path, version) = try await firstPresent([source.picture, source.image], source.folder) else {
            throw source.missing
        }
        let tag = "\"\(version)-\(size)\""
        let headers = [("etag", tag), ("cache-control", "private, no-cache")]
        if let known, known == "*" || known.split(separator: ",").contains(where: { $0.trimmed == tag }) {
            return HTTPResponse(status: 304, headers: headers)
        }
        let key = Key(path: path, version: version, size: size)
        let bytes: [UInt8]
        if let held = look(key) {
            bytes = held
        } else {
            bytes = try await render(path, source.folder, isPicture: path == source.picture, size: size)
            keep(bytes, key)
        }
        return HTTPResponse(headers: headers + [("content-type", "image/png")], body: .bytes(bytes))
    }

    /// For a file that is made once: what is there is used, and what pages look at now is not pushed out for it.
    func bytes(of source: ImageSource, size: Int) async throws(Problem) -> [UInt8] {
        guard let (path, version) = try await firstPresent([source.picture, source.image], source.folder) else {
            throw source.missing
        }
        if let held = look(Key(path: path, version: version, size: size)) { return held }
        return try await render(path, source.folder, isPicture: path == source.picture, size: size)
    }

    private func firstPresent(_ paths: [String?], _ folder: String?) async throws(Problem) -> (path: String, version: String)? {
        for case let path? in paths {
            let version = try await disks.answer(about: path) { () throws(Problem) in Self.version(of: path, beneath: folder) }
            if let version { return (path, version) }
        }
        return nil
    }

    /// Nil for a file that is not there, lies elsewhere, is empty or cannot be looked at: the next one may serve. A disk that does not
    /// answer is no such file but a problem, since "not there yet" would be a lie.
    private static func version(of path: String, beneath folder: String?) -> String? {
        guard let file = OpenFile(path: path, beneath: folder), file.size > 0 else { return nil }
        return String(file.tag.filter { $0 != "\"" })
    }

    private func render(_ path: String, _ folder: String?, isPicture: Bool, size: Int) async throws(Problem) -> [UInt8] {
        guard isPicture else {
            let image = try await read(path, folder) { path throws(ImagingError) in try MRCFile.image(path: path) }
            return try await scaled { () throws(ImagingError) in try PNG.encode(Thumbnail.make(image, size: size)) }
        }
        let picture = try await read(path, folder) { path throws(ImagingError) in try PNG.read(path: path) }
        return try await scaled { () throws(ImagingError) in
            // One that is small enough is sent as it is.
            guard max(picture.width, picture.height) > size else { return try PNG.encode(picture) }
            return try PNG.encode(Thumbnail.picture(picture.image.resized(toFit: size), black: 0, white: 255))
        }
    }

    /// The file is opened here and read as what was opened: a link that somebody puts in its place meanwhile is not followed.
    private func read<Value: Sendable>(
        _ path: String, _ folder: String?, _ body: @escaping @Sendable (String) throws(ImagingError) -> Value
    ) async throws(Problem) -> Value {
        try await disks.answer(about: path) { () throws(Problem) in
            guard let file = OpenFile(path: path, beneath: folder) else {
                throw Problem(404, "image.none", "The image file \(path) is not there.", remedy: "Ask again in a moment.")
            }
            do throws(Problem) { return try Self.told { () throws(ImagingError) in try body(file.descriptorPath) } } catch {
                var named = error
                named.sentence = error.sentence.replacing(file.descriptorPath, with: path)
                throw named
            }
        }
    }

    private func scaled(_ body: @escaping @Sendable () throws(ImagingError) -> [UInt8]) async throws(Problem) -> [UInt8] {
        try await scaling.answer(within: .seconds(60)) { () throws(Problem) in try Self.told(body) }
    }

    /// 404 and not 500: a file that cannot be read as a picture is mostly one that is being written, and is whole when
    /// it is asked for again.
    private static func told<Value>(_ body: () throws(ImagingError) -> Value) throws(Problem) -> Value {
        do throws(ImagingError) { return try body() } catch { throw Problem(error, status: 404) }
    }

    private func look(_ key: Key) -> [UInt8]? {
        kept.withLock { kept in
            kept.clock += 1
            kept.pictures[key]?.used = kept.clock
            return kept.pictures[key]?.bytes
        }
    }

    private func keep(_ bytes: [UInt8], _ key: Key) {
        kept.withLock { kept in
            // One enormous picture must not push out all the small ones.
            guard bytes.count <= limit / 4, kept.pictures[key] == nil else { return }
            kept.clock += 1
            kept.pictures[key] = (bytes, kept.clock)
            kept.bytes += bytes.count
            while kept.bytes > limit, let oldest = kept.pictures.min(by: { $0.value.used < $1.value.used }) {
                kept.bytes -= oldest.value.bytes.count
                kept.pictures[oldest.key] = nil
            }
        }
    }
}
