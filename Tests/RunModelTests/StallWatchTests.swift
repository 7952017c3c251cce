import RunModel
import Testing

@Suite struct StallWatchTests {
    private func watch() -> StallWatch { StallWatch(limit: .seconds(30), interval: .seconds(1)) }

    @Test func `a stall is found once, when the limit is reached, and its end is said with its length`() {
        var watch = watch()
        for _ in 1..<30 { #expect(watch.look(isAnswered: false, passed: .seconds(1)) == nil) }
        #expect(watch.look(isAnswered: false, passed: .seconds(1)) == .stalled(.seconds(30)))
        for _ in 0..<10 { #expect(watch.look(isAnswered: false, passed: .seconds(1)) == nil) }
        #expect(watch.isStalled)
        #expect(watch.look(isAnswered: true, passed: .seconds(1)) == .goesOn(after: .seconds(41)))
        #expect(!watch.isStalled)
        #expect(watch.look(isAnswered: true, passed: .seconds(1)) == nil)
    }

    @Test func `a part that answers late, but before the limit, is not spoken of, and counts from zero again`() {
        var watch = watch()
        for _ in 0..<100 {
            for _ in 0..<29 { #expect(watch.look(isAnswered: false, passed: .seconds(1)) == nil) }
            #expect(watch.look(isAnswered: true, passed: .seconds(0.5)) == nil)
            #expect(watch.silence == .zero)
        }
    }

    @Test(arguments: [60, 3600, 86_400]) func `a machine that slept, or a process that was held, is no stall`(seconds: Int) {
        var watch = watch()
        #expect(watch.look(isAnswered: false, passed: .seconds(1)) == nil)
        #expect(watch.look(isAnswered: false, passed: .seconds(seconds)) == nil)
        #expect(watch.silence == .seconds(3))
        #expect(watch.look(isAnswered: true, passed: .seconds(1)) == nil)
    }

    @Test func `a second stall is found like the first`() {
        var watch = watch()
        for _ in 0..<3 {
            let findings = (0..<31).compactMap { _ in watch.look(isAnswered: false, passed: .seconds(1)) }
            #expect(findings == [.stalled(.seconds(30))])
            #expect(watch.look(isAnswered: true, passed: .seconds(1)) == .goesOn(after: .seconds(32)))
        }
    }
}
