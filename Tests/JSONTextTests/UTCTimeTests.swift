import Foundation
import JSONText
import Testing

@Suite struct UTCTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_827_696.789, "2000-02-29T12:34:56.789Z"), (-0.001, "1969-12-31T23:59:59.999Z"),
            (1_795_381_602.123, "2026-11-22T21:06:42.123Z"), (4_107_542_399.9996, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800, "0001-01-01T00:00:00.000Z"),
        ] as [(Double, String)])
    func `a date is written in UTC to the nearest millisecond`(seconds: Double, text: String) throws {
        #expect(UTCTime.text(of: Date(timeIntervalSince1970: seconds)) == text)
        let back = try #require(UTCTime.date(from: text))
        #expect(abs(back.timeIntervalSince1970 - seconds) < 0.001)
        #expect(UTCTime.text(of: back) == text)
    }

    @Test func `the days agree with Foundation over four centuries`() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in stride(from: -40_000, to: 110_000, by: 13) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 5)
            #expect(UTCTime.text(of: date) == date.formatted(style))
        }
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T21:06:42", "2026-11-22T21:06:42+01:00", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "+026-01-01T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z",
    ])
    func `what is no moment in UTC is refused`(text: String) {
        #expect(UTCTime.date(from: text) == nil)
    }

    @Test(arguments: ["2026-11-22T21:06:42Z", "2026-11-22T21:06:42.5Z", "2026-11-22T21:06:42.123456789Z"])
    func `the fraction may be missing or longer`(text: String) {
        #expect(UTCTime.date(from: text) != nil)
    }

    @Test func `a date that four digits cannot hold has no text`() {
        #expect(UTCTime.text(of: Date(timeIntervalSince1970: 1e15)) == nil)
        #expect(UTCTime.text(of: Date(timeIntervalSince1970: .infinity)) == nil)
        #expect(UTCTime.text(of: Date(timeIntervalSince1970: .nan)) == nil)
    }
}
