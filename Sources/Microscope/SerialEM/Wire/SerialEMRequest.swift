/// What a client asks of SerialEM, as one message.
public enum SerialEMRequest: Hashable, Sendable {
    /// Function 1. The first slot on the wire is a placeholder and not among the arguments.
    case command(code: Int32, arguments: [SerialEMArgument])
    /// Function 2, between two parts of an image; nothing comes back.
    case nextPart
    /// Function 3.
    case okToRun
    /// Function 4. Buffers A to T are 0 to 19.
    case image(buffer: Int32, isFFT: Bool)
    /// Function 5; the pixels follow when the server has answered.
    case put(SerialEMPut)
}

/// An image that is about to be sent into a buffer.
public struct SerialEMPut: Hashable, Sendable {
    public var mode: Int32
    public var width: Int32
    public var height: Int32
    public var bytes: Int32
    /// 0 to 19 for A to T.
    public var buffer: Int32
    /// Whose pixel size, stage position and so on are copied.
    public var base: Int32
    public var moreBinning: Int32
    /// -1: processed.
    public var capture: Int32
    public var parts: Int32

    /// Bytes that go in one part: SerialEM counts them so, and waits for nothing between them.
    static let partBytes = 336_200_000
}

/// Why a message cannot be understood. The number is what SerialEM answers with.
public enum SerialEMRefusal: Int32, Error, Sendable, CaseIterable {
    case unknownFunction = -1
    case noMemory = -2
    case replyTooLarge = -3
    case tooShort = -4
    case tooLong = -5
    case wrongLength = -6
    case notInControl = -9
    case stoppedByOperator = -10
}

extension SerialEMRequest {
    /// Whoever says that more follows is not believed: SerialEM's own arguments never come near it.
    public static let longestMessage = 1 << 20
    /// Slots besides the placeholder.
    public static let mostArguments = 19

    private enum Function: Int32 {
        case command = 1
        case nextPart, okToRun, image, put
    }

    /// The message, ready to be sent with one write. A zero byte ends a string on the wire, so nothing after one is sent.
    public var message: [UInt8] {
        var packer = SerialEMPacker()
        switch self {
        case .command(let code, let arguments):
            packer.add(long: Function.command.rawValue)
            packer.add(long: code)
            packer.add(long: Int32(arguments.count))
            Self.add(arguments, to: &packer)
        case .nextPart: packer.add(long: Function.nextPart.rawValue)
        case .okToRun: packer.add(long: Function.okToRun.rawValue)
        case .image(let buffer, let isFFT):
            packer.add(long: Function.image.rawValue)
            packer.add(long: buffer)
            packer.add(long: isFFT ? 1 : 0)
        case .put(let put):
            packer.add(long: Function.put.rawValue)
            for long in put.longs { packer.add(long: long) }
        }
        return packer.message()
    }

    private static func add(_ arguments: [SerialEMArgument], to packer: inout SerialEMPacker) {
        guard !arguments.isEmpty else {
            packer.add(long: 1)
            return packer.add(long: 0)
        }
        let slots = [SerialEMArgument(number: 0, text: "")] + arguments
        let texts = slots.map { String($0.text.prefix { $0 != "\0" }) }
        let longs = SerialEMArray.longs(slots: slots.count, stringBytes: texts.reduce(0) { $0 + $1.utf8.count + 1 })
        packer.add(long: Int32(longs))
        let start = packer.bytes.count
        for _ in slots { packer.add(long: 0) }
        for slot in slots { packer.add(double: slot.number) }
        for text in texts { packer.add(text: text) }
        packer.pad(to: start + 4 * longs)
    }

    /// How many bytes follow the length word of a request.
    public static func rest(afterLength length: Int32) throws(SerialEMRefusal) -> Int {
        guard length >= 8 else { throw .tooShort }
        guard length <= longestMessage else { throw .tooLong }
        return Int(length) - 4
    }

    /// Reads a message without its length word.
    public init(body: ArraySlice<UInt8>) throws(SerialEMRefusal) {
        var unpacker = SerialEMUnpacker(body)
        guard let code = unpacker.long() else { throw .tooShort }
        guard let function = Function(rawValue: code) else { throw .unknownFunction }
        switch function {
        case .command: self = try Self.command(&unpacker)
        case .nextPart:
            _ = try Self.longs(0, &unpacker)
            self = .nextPart
        case .okToRun:
            _ = try Self.longs(0, &unpacker)
            self = .okToRun
        case .image:
            let longs = try Self.longs(2, &unpacker)
            self = .image(buffer: longs[0], isFFT: longs[1] != 0)
        case .put: self = .put(SerialEMPut(longs: try Self.longs(9, &unpacker)))
        }
    }

    private static func longs(_ count: Int, _ unpacker: inout SerialEMUnpacker) throws(SerialEMRefusal) -> [Int32] {
        guard unpacker.count >= 4 * count else { throw .tooShort }
        guard unpacker.count == 4 * count else { throw .tooLong }
        return (0..<count).compactMap { _ in unpacker.long() }
    }

    private static func command(_ unpacker: inout SerialEMUnpacker) throws(SerialEMRefusal) -> SerialEMRequest {
        guard let code = unpacker.long(), let last = unpacker.long(), let array = unpacker.long() else { throw .tooShort }
        guard array >= 0, unpacker.count == 4 * Int(array) else { throw .wrongLength }
        // One long of garbage stands where no argument does.
        guard last > 0 else { return .command(code: code, arguments: []) }
        guard last <= mostArguments else { throw .wrongLength }
        return .command(code: code, arguments: try arguments(Int(last) + 1, &unpacker))
    }

    private static func arguments(_ slots: Int, _ unpacker: inout SerialEMUnpacker) throws(SerialEMRefusal) -> [SerialEMArgument]
    {
        var numbers: [Double] = []
        var texts: [String] = []
        for _ in 0..<slots { guard unpacker.long() != nil else { throw .wrongLength } }
        for _ in 0..<slots {
            guard let number = unpacker.double() else { throw .wrongLength }
            numbers.append(number)
        }
        for _ in 0..<slots {
            guard let text = unpacker.text() else { throw .wrongLength }
            texts.append(text)
        }
        return zip(numbers, texts).dropFirst().map { SerialEMArgument(number: $0, text: $1) }
    }
}

extension SerialEMPut {
    fileprivate var longs: [Int32] { [mode, width, height, bytes, buffer, base, moreBinning, capture, parts] }

    /// Exactly nine.
    fileprivate init(longs: [Int32]) {
        self.init(
            mode: longs[0], width: longs[1], height: longs[2], bytes: longs[3], buffer: longs[4], base: longs[5],
            moreBinning: longs[6], capture: longs[7], parts: longs[8])
    }
}
