import Testing

@testable import WebServer

@Suite struct FileAnswerTests {
    @Test(
        arguments: [
            ("bytes=0-4", .part(0..<5)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)), ("bytes=-30", .part(0..<10)),
            ("bytes=9-99", .part(9..<10)), ("bytes=10-", .outside), ("bytes=10-12", .outside), ("bytes=-0", .outside),
            ("bytes=4-2", .whole), ("bytes=0-1,3-4", .whole), ("bytes=a-b", .whole), ("bytes=-", .whole), ("items=0-1", .whole),
            ("bytes=--1", .whole),
            // Beyond every file, and beyond every number of the machine.
            ("bytes=0-99999999999999999999", .part(0..<10)), ("bytes=5-99999999999999999999", .part(5..<10)),
            ("bytes=-99999999999999999999", .part(0..<10)), ("bytes=99999999999999999999-", .outside),
            ("bytes=99999999999999999999-99999999999999999999", .outside), ("bytes=99999999999999999999-5", .whole),
            ("bytes=9223372036854775807-9223372036854775807", .outside),
        ] as [(String, ByteRange)])
    func `a range is served where it makes sense`(header: String, range: ByteRange) {
        #expect(ByteRange.parse(header, size: 10) == range)
    }

    @Test func `an empty file has no part`() {
        #expect(ByteRange.parse("bytes=0-", size: 0) == .outside)
        #expect(ByteRange.parse("bytes=-1", size: 0) == .outside)
    }
}
