import RunModel
import Testing

@testable import RunAPI

@Suite struct ReportNumberTests {
    @Test func `numbers are written as the pages write them`() {
        #expect(
            ReportNumber.text(-1.425, 1) == "−1.4" && ReportNumber.text(-0.001, 2) == "0.00"
                && ReportNumber.text(3.456, 2) == "3.46")
        #expect(
            ReportNumber.text(12.6, 0) == "13" && ReportNumber.text(.nan, 2) == "Unknown"
                && ReportNumber.text(.infinity, 0) == "Unknown")
        #expect(
            ReportNumber.count(999) == "999" && ReportNumber.count(2418) == "2,418"
                && ReportNumber.count(1_000_005) == "1,000,005")
        #expect(ReportNumber.plural(1, "hole") == "1 hole" && ReportNumber.plural(0, "hole") == "0 holes")
        #expect(
            ReportNumber.share(999, of: 1000) == "99 %" && ReportNumber.share(3, of: 3) == "100 %"
                && ReportNumber.share(0, of: 0) == "None")
        #expect(
            ReportNumber.duration(52) == "52 s" && ReportNumber.duration(960) == "16 min"
                && ReportNumber.duration(12_720) == "3 h 32 min")
        #expect(
            ReportNumber.median([]) == nil && ReportNumber.median([3, 1, 2]) == 2 && ReportNumber.median([4, 1, 2, 3]) == 2.5)
    }

    @Test func `times are the facility's, with the offset`() {
        let zone = FacilityZone(name: "Asia/Kolkata") { _ in 19_800 }
        #expect(zone.stamp(Timestamp(milliseconds: 1_795_377_600_123)) == "2026-11-23 01:30:00 +05:30")
    }

    @Test(arguments: [(0.07, 0.05), (0.9, 1.0), (1.4, 1.0), (3.6, 5.0), (34.0, 20.0), (80.0, 100.0)])
    func `ticks and scale bars have round lengths`(_ pair: (value: Double, round: Double)) {
        #expect(abs(ReportAxis.round(pair.value) - pair.round) < 1e-9)
    }

    @Test func `an axis holds all values, also where they are alike`() {
        let axis = ReportAxis(2.7, 9.1, ticks: 5)
        #expect(axis.ticks == [2, 3, 4, 5, 6, 7, 8, 9, 10] && axis.digits == 0)
        let flat = ReportAxis(-1.5, -1.5, ticks: 5)
        #expect(flat.low <= -1.5 && flat.high >= -1.5 && flat.fraction(-1.5) > 0 && flat.fraction(-1.5) < 1)
        #expect(ReportAxis(numbersFrom: 1, to: 24).ticks == [1, 5, 10, 15, 20])
    }
}
