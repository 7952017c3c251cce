import Blocking

/// An answer that is ready to be written: no file call is left but reading on. Made off the network thread, where
/// waiting for a disk is allowed.
struct PreparedAnswer: Sendable {
    var status: Int
    var headers: [(String, String)] = []
    var bytes: [UInt8] = []
    /// What of a large body comes after `bytes`. Each piece is given up when it has gone out, while one array is kept whole until its last byte.
    var more: [[UInt8]] = []
    var rest: FilePart?
    /// Nil where the status forbids a body.
    var length: Int? = 0

    init(_ response: HTTPResponse) {
        status = response.status
        headers = response.headers
        guard case .bytes(let body) = response.body else {
            length = status == 204 || status == 304 ? nil : 0
            return
        }
        length = status == 204 || status == 304 ? nil : body.count
        guard length != nil else { return }
        if body.count > 2 * FilePart.chunk { split(body) } else { bytes = body }
    }

    private mutating func split(_ body: [UInt8]) {
        let size = FilePart.chunk
        bytes = Array(body.prefix(size))
        more = stride(from: size, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) }
    }
}

/// What of a file is still to be sent. The file stays open until then, so one that is replaced meanwhile is still sent
/// whole as it was.
struct FilePart: Sendable {
    var file: OpenFile
    var offset: Int
    var count: Int
    /// Of the disk that the file was opened on.
    var lane = BlockingLane("disk")

    /// Large enough that a disk is asked seldom, small enough that a thousand downloads are 128 MB.
    static let chunk = 128 << 10

    /// The next bytes, and what is left then; may block.
    mutating func readChunk() -> [UInt8] {
        let bytes = file.read(at: offset, count: min(count, Self.chunk))
        offset += bytes.count
        count -= bytes.count
        return bytes
    }
}

extension PreparedAnswer {
    /// A file with what HTTP wants of it: revalidation and single ranges; may block.
    static func file(
        _ path: String, beneath folder: String? = nil, contentType: String, for request: HTTPRequest, _ response: HTTPResponse
    ) -> PreparedAnswer {
        guard let file = OpenFile(path: path, beneath: folder) else { return PreparedAnswer(Refusal.notFound.response) }
        var answer = PreparedAnswer(response)
        answer.headers += [
            ("content-type", contentType), ("etag", file.tag), ("last-modified", HTTPDate.text(of: file.modified)),
            ("accept-ranges", "bytes"),
        ]
        if !response.headers.contains(where: { $0.0.lowercased() == "cache-control" }) {
            answer.headers.append(("cache-control", "no-cache"))
        }
        guard response.status == 200, !isUnchanged(file, request) else {
            return response.status == 200 ? answer.emptied(status: 304) : answer.sending(file, 0..<file.size)
        }
        switch ByteRange.wanted(by: request, of: file) {
        case .whole: return answer.sending(file, 0..<file.size)
        case .part(let range):
            answer.status = 206
            answer.headers.append(("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"))
            return answer.sending(file, range)
        case .outside:
            var refused = PreparedAnswer(ByteRange.refusal.response)
            refused.headers.append(("content-range", "bytes */\(file.size)"))
            return refused
        }
    }

    private func sending(_ file: OpenFile, _ range: Range<Int>) -> PreparedAnswer {
        var answer = self
        var part = FilePart(file: file, offset: range.lowerBound, count: range.count)
        answer.length = range.count
        answer.bytes = part.readChunk()
        answer.rest = part.count > 0 ? part : nil
        return answer
    }

    private func emptied(status: Int) -> PreparedAnswer {
        var answer = self
        answer.status = status
        answer.length = nil
        return answer
    }

    /// The tag decides where it is given; the time only where it is not.
    private static func isUnchanged(_ file: OpenFile, _ request: HTTPRequest) -> Bool {
        if let known = request.headers["if-none-match"] {
            return known.split(separator: ",").contains { tag in
                let tag = tag.drop { $0 == " " }
                return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == file.tag
            }
        }
        // Browsers give back the very date they were given: any other one is not of this file.
        return request.headers["if-modified-since"] == HTTPDate.text(of: file.modified)
    }
}

/// The `Range` header: one range is served; of several the whole file is, as the standard allows.
enum ByteRange: Equatable {
    case whole, outside
    case part(Range<Int>)

    static let refusal = Refusal(
        status: 416, code: "request.range", sentence: "The file is shorter than the part that was asked for.",
        remedy: "Ask for the whole file.")

    static func wanted(by request: HTTPRequest, of file: OpenFile) -> ByteRange {
        guard let text = request.headers["range"] else { return .whole }
        if let condition = request.headers["if-range"], condition != file.tag { return .whole }
        return parse(text, size: file.size)
    }

    static func parse(_ text: String, size: Int) -> ByteRange {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
        let ends = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { 48...57 ~= $0 } }) else { return .whole }
        switch (place(ends[0]), place(ends[1])) {
        case (let first?, let last?):
            guard first <= last else { return .whole }
            return first < size ? .part(first..<min(last, size - 1) + 1) : .outside
        case (let first?, nil): return first < size ? .part(first..<size) : .outside
        case (nil, let count?): return count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .outside
        case (nil, nil): return .whole
        }
    }

    /// Nil where none is given. Of digits alone: one that is too large for a number is beyond every file.
    private static func place(_ digits: Substring) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
}
