/// What SerialEM answers, as one message. Which form to expect follows from what was asked.
public enum SerialEMReply: Hashable, Sendable {
    /// To function 1.
    case outcome(SerialEMOutcome)
    /// To function 3: whether this very request started external control.
    case okToRun(Bool)
    /// To function 4: the pixels follow.
    case image(SerialEMImageHeader)
    /// To function 5: the pixels may come.
    case ready
    /// A negative return value, after which nothing follows. Numbers that no SerialEM sends stand as they came.
    case refused(Int32)
}

/// How a command ended.
public enum SerialEMOutcome: Hashable, Sendable {
    /// At most six values.
    case done([SerialEMValue])
    /// In SerialEM's words; nil where it has none, as for a command that it does not know.
    case failed(String?)
    /// External control is over, as asked: `isNormal` without an argument or with 0.
    case exited(isNormal: Bool)
    /// Somebody pressed STOP.
    case stopped
}

/// What is said of an image before its pixels.
public struct SerialEMImageHeader: Hashable, Sendable {
    public var mode: Int32
    public var rowBytes: Int32
    public var width: Int32
    public var height: Int32
    /// 0 for an empty buffer; the other numbers then mean nothing.
    public var bytes: Int32
    public var parts: Int32

    package init(mode: Int32, rowBytes: Int32, width: Int32, height: Int32, bytes: Int32, parts: Int32) {
        self.mode = mode
        self.rowBytes = rowBytes
        self.width = width
        self.height = height
        self.bytes = bytes
        self.parts = parts
    }

    /// The most that goes in one part.
    static let partBytes = 33_620_000
}

/// An answer that no SerialEM gives.
public struct SerialEMGarbage: Error, Hashable, Sendable {
    public let detail: String
}

extension SerialEMReply {
    /// SerialEM's longest answers are a page of text.
    public static let longestMessage = 1 << 20
    public static let mostValues = 6

    private enum Ending: Int32 {
        case done = 0
        case failed = 1
        case exitedNormally = -123_456
        case exited = -654_321
        case stopped = -234_561
    }

    public var message: [UInt8] {
        var packer = SerialEMPacker()
        switch self {
        case .refused(let number): packer.add(long: number)
        case .ready: packer.add(long: 0)
        case .okToRun(let starts):
            packer.add(long: 0)
            packer.add(long: starts ? 1 : 0)
        case .image(let header):
            packer.add(long: 0)
            for long in [header.mode, header.rowBytes, header.width, header.height, header.bytes, header.parts] {
                packer.add(long: long)
            }
        case .outcome(let outcome):
            packer.add(long: 0)
            Self.add(outcome, to: &packer)
        }
        return packer.message()
    }

    private static func add(_ outcome: SerialEMOutcome, to packer: inout SerialEMPacker) {
        switch outcome {
        case .done(let values): add(values, .done, to: &packer)
        case .failed(let text): add(text.map { [.text($0)] } ?? [], .failed, to: &packer)
        case .exited(let isNormal): add([], isNormal ? .exitedNormally : .exited, to: &packer)
        case .stopped: add([], .stopped, to: &packer)
        }
    }

    private static func add(_ values: [SerialEMValue], _ ending: Ending, to packer: inout SerialEMPacker) {
        // Strings end at a zero, and the array must fit into a message.
        let texts = values.map { value in
            if case .text(let text) = value {
                String(decoding: text.utf8.prefix(100_000).prefix { $0 != 0 }, as: UTF8.self)
            } else {
                String?.none
            }
        }
        let longs = SerialEMArray.longs(
            slots: values.count, stringBytes: texts.reduce(0) { $0 + ($1.map { $0.utf8.count + 1 } ?? 0) })
        packer.add(long: Int32(values.count - 1))
        packer.add(long: ending.rawValue)
        packer.add(long: Int32(longs))
        let start = packer.bytes.count
        for text in texts { packer.add(long: text == nil ? 0 : 1) }
        for value in values {
            if case .number(let number) = value { packer.add(double: number) } else { packer.add(double: 0) }
        }
        for case let text? in texts { packer.add(text: text) }
        packer.pad(to: start + 4 * longs)
    }

    /// How many bytes follow the length word of an answer.
    public static func rest(afterLength length: Int32) throws(SerialEMGarbage) -> Int {
        guard (8...Int32(longestMessage)).contains(length) else {
            throw SerialEMGarbage(detail: "a message of \(length) bytes")
        }
        return Int(length) - 4
    }

    /// Reads a message without its length word, as the answer to `request`.
    public init(body: ArraySlice<UInt8>, to request: SerialEMRequest) throws(SerialEMGarbage) {
        var unpacker = SerialEMUnpacker(body)
        guard let value = unpacker.long() else { throw SerialEMGarbage(detail: "a message without a return value") }
        if value < 0 {
            self = .refused(value)
            return
        }
        guard value == 0 else { throw SerialEMGarbage(detail: "the return value \(value)") }
        switch request {
        case .command: self = .outcome(try Self.outcome(&unpacker))
        case .okToRun: self = .okToRun(try Self.longs(1, &unpacker)[0] != 0)
        case .image: self = .image(try Self.header(&unpacker))
        case .put, .nextPart:
            _ = try Self.longs(0, &unpacker)
            self = .ready
        }
    }

    private static func longs(_ count: Int, _ unpacker: inout SerialEMUnpacker) throws(SerialEMGarbage) -> [Int32] {
        guard unpacker.count == 4 * count else {
            throw SerialEMGarbage(detail: "\(unpacker.count) bytes where \(4 * count) belong")
        }
        return (0..<count).compactMap { _ in unpacker.long() }
    }

    private static func outcome(_ unpacker: inout SerialEMUnpacker) throws(SerialEMGarbage) -> SerialEMOutcome {
        guard let highest = unpacker.long(), let number = unpacker.long(), let array = unpacker.long() else {
            throw SerialEMGarbage(detail: "an outcome cut short")
        }
        guard array >= 0, unpacker.count == 4 * Int(array) else {
            throw SerialEMGarbage(detail: "\(unpacker.count) bytes where \(array) longs belong")
        }
        guard (-1..<Int32(mostValues)).contains(highest) else {
            throw SerialEMGarbage(detail: "\(highest == .max ? "too many" : "\(highest + 1)") values")
        }
        let values = try values(Int(highest) + 1, &unpacker)
        switch Ending(rawValue: number) {
        case .done: return .done(values)
        case .failed: return .failed(values.lazy.compactMap { if case .text(let text) = $0 { text } else { nil } }.first)
        case .exitedNormally: return .exited(isNormal: true)
        case .exited: return .exited(isNormal: false)
        case .stopped: return .stopped
        case nil: throw SerialEMGarbage(detail: "the ending \(number)")
        }
    }

    private static func values(_ count: Int, _ unpacker: inout SerialEMUnpacker) throws(SerialEMGarbage) -> [SerialEMValue] {
        let short = SerialEMGarbage(detail: "values cut short")
        var isText: [Bool] = []
        var numbers: [Double] = []
        for _ in 0..<count {
            guard let flag = unpacker.long() else { throw short }
            isText.append(flag != 0)
        }
        for _ in 0..<count {
            guard let number = unpacker.double() else { throw short }
            numbers.append(number)
        }
        var values: [SerialEMValue] = []
        for (isText, number) in zip(isText, numbers) {
            guard isText else {
                values.append(.number(number))
                continue
            }
            guard let text = unpacker.text() else { throw short }
            values.append(.text(text))
        }
        return values
    }

    private static func header(_ unpacker: inout SerialEMUnpacker) throws(SerialEMGarbage) -> SerialEMImageHeader {
        let longs = try longs(6, &unpacker)
        let header = SerialEMImageHeader(
            mode: longs[0], rowBytes: longs[1], width: longs[2], height: longs[3], bytes: longs[4], parts: longs[5])
        try header.check()
        return header
    }
}

extension SerialEMImageHeader {
    /// Larger than any camera of today; nobody allocates more on a peer's word.
    package static let longestSide = 65_536
    package static let mostBytes = 1 << 30

    /// That the numbers agree with each other.
    func check() throws(SerialEMGarbage) {
        guard bytes != 0 else { return }
        guard let pixel = SerialEMPixel(rawValue: mode) else { throw SerialEMGarbage(detail: "an image of mode \(mode)") }
        let sides = 1...Int32(Self.longestSide)
        guard sides.contains(width), sides.contains(height), (1...Int32(Self.mostBytes)).contains(bytes) else {
            throw SerialEMGarbage(detail: "an image of \(width) x \(height) and \(bytes) bytes")
        }
        guard Int(rowBytes) == Int(width) * pixel.bytes, Int(bytes) == Int(rowBytes) * Int(height) else {
            throw SerialEMGarbage(detail: "an image whose rows do not fit its size")
        }
        guard parts == Self.parts(of: Int(bytes)) else { throw SerialEMGarbage(detail: "an image in \(parts) parts") }
    }

    static func parts(of bytes: Int) -> Int32 { Int32((bytes + partBytes - 1) / partBytes) }

    /// The bytes of each part, in their order; all but the last are equal.
    package var partSizes: [Int] {
        guard bytes > 0, parts > 0 else { return [] }
        let size = (Int(bytes) + Int(parts) - 1) / Int(parts)
        return stride(from: 0, to: Int(bytes), by: size).map { min(size, Int(bytes) - $0) }
    }
}
