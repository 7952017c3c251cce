import RunModel
import Testing

@testable import Microscope

@Suite struct ClaimTextTests {
    private let claim = ScopeClaim(
        installation: "here", epoch: 1, session: "s", sessionName: "night", group: "demo", person: "ada", host: "h",
        since: Timestamp(milliseconds: 1_700_000_000_000))

    @Test func `what is written is read`() throws {
        let read = try #require(ClaimText.read(ClaimText.written(claim, until: 12.2)))
        #expect(read.claim == claim)
        #expect(read.until == 13)
    }

    @Test(arguments: [1e300, .infinity, -1e300, .nan, 9.3e18]) func `a moment beyond all numbers is written as a number`(
        until: Double
    ) {
        #expect(ClaimText.written(claim, until: until).split(separator: "|").count == 10)
    }

    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "-1", "253402300800000"])
    func `a claim since a moment of no calendar is nobody's`(since: String) {
        let text = ClaimText.written(claim, until: 60).replacing("1700000000000", with: since)
        #expect(ClaimText.read(text) == nil)
    }

    @Test(arguments: ["inf", "nan", "1e999"]) func `a claim that ends at no time is nobody's`(until: String) {
        #expect(ClaimText.read(ClaimText.written(claim, until: 60).replacing("|60", with: "|\(until)")) == nil)
    }
}
