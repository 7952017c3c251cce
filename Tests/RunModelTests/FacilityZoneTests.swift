import RunModel
import Testing

@Suite struct FacilityZoneTests {
    private static func zone(_ minutes: Int) -> FacilityZone { FacilityZone(name: "somewhere") { _ in minutes * 60 } }

    @Test(arguments: [
        (0, "2026-11-22 23:06:42.123+00:00", "20261122"), (60, "2026-11-23 00:06:42.123+01:00", "20261123"),
        (-300, "2026-11-22 18:06:42.123-05:00", "20261122"), (345, "2026-11-23 04:51:42.123+05:45", "20261123"),
        (-210, "2026-11-22 19:36:42.123-03:30", "20261122"),
    ]) func `a moment is written in the facility's time, with its offset`(_ minutes: Int, _ text: String, _ day: String) throws {
        let moment = try #require(Timestamp("2026-11-22T23:06:42.123Z"))
        #expect(Self.zone(minutes).text(of: moment) == text)
        #expect(Self.zone(minutes).day(of: moment) == day)
    }
}
