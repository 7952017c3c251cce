import Testing

@testable import Microscope

@Suite struct SerialEMWireRefusalTests {
    /// A command up to its count of arguments; its array in two parts.
    static let slots = "01000000 95010000"
    static let array = "0000000000000000 0000000000000000 0000000000000840 00 3300 0000000000"
    static let longPut = SerialEMWireTests.put44.dropFirst(8) + " 00000000"

    static let wrong: [(String, SerialEMRefusal)] = [
        ("", .tooShort), ("01", .tooShort), ("010000", .tooShort),
        // No such function.
        ("00000000", .unknownFunction), ("06000000", .unknownFunction), ("4d000000", .unknownFunction),
        ("ffffffff", .unknownFunction),
        // Longs that are missing or too many.
        ("03000000 00", .tooLong), ("03000000 00000000", .tooLong), ("02000000 00000000", .tooLong),
        ("04000000", .tooShort), ("04000000 00000000", .tooShort), ("04000000 00000000 000000", .tooShort),
        ("04000000 00000000 00000000 00", .tooLong),
        ("05000000 00000000", .tooShort), (String(longPut), .tooLong),
        ("01000000", .tooShort), ("01000000 25010000 00000000", .tooShort),
        // An array that is shorter or longer than was said.
        ("01000000 25010000 00000000 01000000", .wrongLength),
        ("01000000 25010000 00000000 01000000 00000000 00000000", .wrongLength),
        ("01000000 25010000 00000000 ffffffff", .wrongLength), ("01000000 25010000 00000000 ffffff7f 00000000", .wrongLength),
        ("\(slots) 01000000 07000000 \(array)", .wrongLength), ("\(slots) 01000000 09000000 \(array)", .wrongLength),
        // An array too short for its slots, or without the end of its last string.
        ("\(slots) 02000000 08000000 \(array)", .wrongLength), ("\(slots) 14000000 08000000 \(array)", .wrongLength),
        ("\(slots) ffffff7f 08000000 \(array)", .wrongLength),
        ("01000000 95010000 01000000 07000000 0000000000000000 0000000000000000 0000000000000840 33333333", .wrongLength),
    ]

    @Test(arguments: wrong)
    func `a message of the wrong form is refused for what it is`(hex: String, refusal: SerialEMRefusal) {
        #expect(throws: refusal) { try SerialEMRequest(body: bytes(hex)[...]) }
    }

    static let lengths: [(Int32, SerialEMRefusal)] = [
        (.min, .tooShort), (-1, .tooShort), (0, .tooShort), (7, .tooShort), (1_048_577, .tooLong), (.max, .tooLong),
    ]

    @Test(arguments: lengths)
    func `a length that no request has is refused before more is read`(length: Int32, refusal: SerialEMRefusal) {
        #expect(throws: refusal) { try SerialEMRequest.rest(afterLength: length) }
    }

    @Test func `a refusal is answered with the number that SerialEM has for it`() {
        #expect(SerialEMRefusal.allCases.map(\.rawValue) == [-1, -2, -3, -4, -5, -6, -9, -10])
    }

    @Test func `the least and the longest request are awaited`() throws {
        #expect(try SerialEMRequest.rest(afterLength: 8) == 4)
        #expect(try SerialEMRequest.rest(afterLength: 1 << 20) == (1 << 20) - 4)
    }

    @Test(arguments: [Int32.min, -1, 0, 7, 1_048_577, .max])
    func `a length that no answer has is garbage`(length: Int32) {
        #expect(throws: SerialEMGarbage.self) { try SerialEMReply.rest(afterLength: length) }
    }

    @Test(arguments: [
        // A return value above 0, an ending nobody knows, seven values.
        "01000000", "00000000 ffffffff 02000000 01000000 00000000", "00000000 06000000 00000000 01000000 00000000",
        // Fewer than none, and as many as a counter holds.
        "00000000 feffffff 00000000 01000000 00000000", "00000000 ffffff7f 00000000 01000000 00000000",
        "00000000 00000080 00000000 01000000 00000000",
        // Arrays of a wrong length, values cut short, a text without its end.
        "00000000 ffffffff 00000000 ffffffff", "00000000 ffffffff 00000000 02000000 00000000",
        "00000000 00000000 00000000 01000000 00000000",
        "00000000 00000000 00000000 04000000 01000000 0000000000000000 33333333",
    ])
    func `an answer to a command that no SerialEM gives is garbage`(hex: String) {
        #expect(throws: SerialEMGarbage.self) { try SerialEMReply(body: bytes(hex)[...], to: SerialEMWireTests.command) }
    }

    @Test(arguments: [
        // A mode nobody knows, rows of another length, a size that does not fit, no part or too many, sizes below 0 and beyond all.
        "03000000 00040000 00020000 00020000 00000800 01000000", "01000000 10040000 00020000 00020000 00000800 01000000",
        "01000000 00040000 00020000 00020000 01000800 01000000", "01000000 00040000 00020000 00020000 00000800 00000000",
        "01000000 00040000 00020000 00020000 00000800 02000000", "01000000 00fcffff 00feffff 00020000 0000f8ff 01000000",
        "00000000 ffffff7f ffffff7f 01000000 ffffff7f 40000000", "00000000 01000000 01000000 ffffff7f ffffff7f 40000000",
        "00000000 00000000 00000000 00000000 01000000 01000000",
    ])
    func `an image whose numbers disagree is garbage`(hex: String) {
        #expect(throws: SerialEMGarbage.self) {
            try SerialEMReply(body: bytes("00000000" + hex)[...], to: .image(buffer: 0, isFFT: false))
        }
    }

    @Test func `an empty buffer may say anything of its size`() throws {
        let body = bytes("00000000 63000000 11000000 22000000 33000000 00000000 44000000")[...]
        let header = SerialEMImageHeader(mode: 99, rowBytes: 17, width: 34, height: 51, bytes: 0, parts: 68)
        #expect(try SerialEMReply(body: body, to: .image(buffer: 0, isFFT: false)) == .image(header))
        #expect(header.partSizes.isEmpty)
    }

    @Test(arguments: [
        (33_620_000, [33_620_000]), (33_620_001, [16_810_001, 16_810_000]), (67_108_864, [33_554_432, 33_554_432]),
    ])
    func `an image is cut into equal parts, the last a little shorter`(count: Int, sizes: [Int]) {
        let parts = SerialEMImageHeader.parts(of: count)
        let header = SerialEMImageHeader(
            mode: 0, rowBytes: Int32(count), width: Int32(count), height: 1, bytes: Int32(count), parts: parts)
        #expect(header.partSizes == sizes)
    }
}
