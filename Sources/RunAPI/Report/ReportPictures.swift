import Foundation

/// What became of a picture that a report was to have.
enum ReportPicture: Sendable, Equatable {
    /// As an address that holds the picture itself.
    case held(String)
    case none
    case unreadable
    case leftOut

    /// What stands in the place of the picture of `what`; nil where it is there.
    func words(_ what: String) -> String? {
        switch self {
        case .held: nil
        case .none: "\(what): none was taken"
        case .unreadable: "\(what) could not be read"
        case .leftOut: "\(what) was left out"
        }
    }
}

/// The pictures of a report, by the id of what they show.
struct ReportPictures: Sendable {
    struct Wanted: Sendable {
        var id: String
        var source: ImageSource
        var size: Int
    }
    /// Why some were left out.
    enum Limit: Sendable { case size, time }

    private(set) var pictures: [String: ReportPicture] = [:]
    private(set) var limit: Limit?
    /// Of the addresses, which are a third longer than the pictures.
    private var length = 0

    var leftOut: Int { pictures.values.count { $0 == .leftOut } }
    var unreadable: Int { pictures.values.count { $0 == .unreadable } }

    subscript(id: String) -> ReportPicture { pictures[id] ?? .none }

    /// The first one that does not fit any more ends it: a smaller one behind it would look as if it had been chosen.
    mutating func add(_ bytes: [UInt8], of id: String, below most: Int) {
        let address = "data:image/png;base64,\(Data(bytes).base64EncodedString())"
        guard limit == nil, length + address.utf8.count <= most else {
            end(for: .size)
            return leaveOut(id)
        }
        length += address.utf8.count
        pictures[id] = .held(address)
    }

    mutating func miss(_ id: String) { pictures[id] = .unreadable }
    mutating func end(for reason: Limit) { limit = limit ?? reason }
    mutating func leaveOut(_ id: String) { pictures[id] = .leftOut }
}

extension Services {
    /// One after the other, each on its disk's lane: a report is in no hurry, and pages are. Those first in the list are the last to be
    /// left out.
    func reportPictures(_ wanted: [ReportPictures.Wanted], below most: Int, within patience: Duration) async -> ReportPictures {
        let start = elapsed()
        var pictures = ReportPictures()
        for one in wanted where one.source.picture != nil || one.source.image != nil {
            if pictures.limit == nil, elapsed() - start > patience { pictures.end(for: .time) }
            guard pictures.limit == nil else {
                pictures.leaveOut(one.id)
                continue
            }
            // The page has the reason, and asks again; a report can only say that the picture is missing.
            guard let bytes = try? await images.bytes(of: one.source, size: one.size) else {
                pictures.miss(one.id)
                continue
            }
            pictures.add(bytes, of: one.id, below: most)
        }
        return pictures
    }
}
