import Testing

@testable import TestSupport

@Suite struct SeedsTests {
    @Test func `seeds are always the same ones`() {
        #expect(Seeds.list(3, environment: [:]) == [0, 1, 2])
    }

    @Test func `one seed can be asked for`() {
        #expect(Seeds.list(3, environment: ["GRIDPILOT_SEED": "77"]) == [77])
    }

    @Test func `a long run takes more of them`() {
        #expect(Seeds.list(3, environment: ["GRIDPILOT_SOAK": "10"]).count == 30)
    }

    @Test func `a slow build takes a tenth of them`() {
        #expect(Seeds.list(200, environment: ["GRIDPILOT_FEW": "1"]).count == 20)
        #expect(Seeds.list(3, environment: ["GRIDPILOT_FEW": "1"]) == [0])
    }

    @Test func `the seed that breaks a property is named`() throws {
        let broken = try #require(throws: Seeds.Broken.self) {
            try Seeds.check(100, environment: [:]) { if $0 == 42 { throw CancellationError() } }
        }
        #expect(broken.seed == 42)
        #expect("\(broken)".contains("GRIDPILOT_SEED=42"))
    }
}
