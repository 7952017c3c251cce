import JSONText
import RunModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59.999Z"), (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `moments and their texts agree`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test func `every day of four hundred years reads back`() {
        for day in Int64(-146_097)..<146_097 {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 45_296_789)
            guard Timestamp(moment.description) == moment else {
                Issue.record("\(moment)")
                return
            }
        }
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T20:00:00Z", "2026-11-22T20:00:00.000", "2026-11-22t20:00:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "1900-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-04-31T00:00:00.000Z",
        "2026-11-22T24:00:00.000Z", "2026-11-22T20:60:00.000Z", "2026-11-22T20:00:60.000Z", "+026-11-22T20:00:00.000Z",
        "2026-11-22T-1:00:00.000Z", "2026/11/22T20:00:00.000Z", "2026-11-22T20:00:00.0000Z", "２026-11-22T20:00:00.0Z",
    ])
    func `other texts are no moments`(text: String) { #expect(Timestamp(text) == nil) }

    @Test func `seconds between moments are exact to the millisecond`() {
        let moment = Timestamp(milliseconds: 1500)
        #expect(moment.advanced(bySeconds: 0.25).seconds(since: moment) == 0.25)
        #expect(moment.advanced(bySeconds: -2) == Timestamp(milliseconds: -500))
    }

    @Test func `JSON holds the text, and other texts are refused`() throws {
        #expect(try JSONText.encode([Timestamp(milliseconds: 0)]) == "[\"1970-01-01T00:00:00.000Z\"]")
        #expect(throws: (any Error).self) { try JSONText.decode([Timestamp].self, from: "[\"yesterday\"]") }
    }

    @Test func `no moment and no length of time is too far away to be reckoned with`() {
        let (first, now) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: 1_700_000_000_000))
        #expect(now.seconds(since: first) > 9e15)
        #expect(now.advanced(bySeconds: 1e300).description == "9999-12-31T23:59:59.999Z")
        #expect(now.advanced(bySeconds: .infinity).description == "9999-12-31T23:59:59.999Z")
        #expect(now.advanced(bySeconds: 1.5).milliseconds == 1_700_000_001_500)
        #expect(now.advanced(bySeconds: -1.5).milliseconds == 1_699_999_998_500)
    }
}
