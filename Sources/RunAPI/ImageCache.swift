import Foundation
import Imaging
import Synchronization
import WebServer

/// Pictures in the sizes that pages asked for, the newest ones kept. Reading and scaling happen on threads that may block.
final class ImageCache: Sendable {
    struct Key: Hashable {
        var path: String
        /// Tells a file that was written anew.
        var version: String
        var size: Int
    }
    private struct Kept {
        var pictures: [Key: (bytes: [UInt8], used: Int)] = [:]
        var bytes = 0
        var clock = 0
    }
    private let kept = Mutex(Kept())
    /// Never above the limit.
    var heldBytes: Int { kept.withLock(\.bytes) }
    private let limit: Int

    init(limit: Int = 32 << 20) { self.limit = limit }

    /// `known` is the tag of what the page has.
    func picture(_ source: ImageSource, size: Int, known: String?, _ pool: WorkPool) async throws(Problem) -> HTTPResponse {
        try await pool.run { () throws(Problem) in try self.make(source, size: size, known: known) }
    }

    private func make(_ source: ImageSource, size: Int, known: String?) throws(Problem) -> HTTPResponse {
        guard let (path, version) = Self.firstPresent([source.picture, source.image]) else { throw source.missing }
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
            do throws(ImagingError) {
                bytes = try Self.render(path, isPicture: path == source.picture, size: size)
            } catch {
                throw Problem(error, status: 404)
            }
            keep(bytes, key)
        }
        return HTTPResponse(headers: headers + [("content-type", "image/png")], body: .bytes(bytes))
    }

    private static func firstPresent(_ paths: [String?]) -> (path: String, version: String)? {
        for case let path? in paths {
            // A file that is not there or cannot be looked at is passed by; what is left over decides.
            guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
                facts[.type] as? FileAttributeType == .typeRegular,
                let size = facts[.size] as? Int, size > 0
            else { continue }
            let changed = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return (path, "\(String(Int64(changed * 1000), radix: 36))-\(String(size, radix: 36))")
        }
        return nil
    }

    /// A picture that is small enough is sent as it is.
    private static func render(_ path: String, isPicture: Bool, size: Int) throws(ImagingError) -> [UInt8] {
        guard isPicture else { return try PNG.encode(Thumbnail.make(try MRCFile.image(path: path), size: size)) }
        let picture = try PNG.read(path: path)
        guard max(picture.width, picture.height) > size else { return try PNG.encode(picture) }
        return try PNG.encode(Thumbnail.picture(picture.image.resized(toFit: size), black: 0, white: 255))
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
