import RunModel
import Testing

@Suite struct FailureWatchTests {
    private let reach = FailureReason(code: "microscope.outOfReach")
    private let refused = FailureReason(code: "microscope.refused", text: "the Navigator must be open")

    @Test func `the third failure in a row for one reason names all three, and the count begins anew`() {
        var watch = FailureWatch<Int>(limit: 3)
        #expect(watch.note(1, reach) == nil)
        #expect(watch.note(2, reach) == nil)
        #expect(watch.note(3, reach) == [1, 2, 3])
        #expect(watch.note(4, reach) == nil)
    }

    @Test func `another reason begins a count of its own`() {
        var watch = FailureWatch<Int>(limit: 2)
        #expect(watch.note(1, reach) == nil)
        #expect(watch.note(2, refused) == nil)
        #expect(watch.note(3, reach) == nil)
        #expect(watch.note(4, reach) == [3, 4])
    }

    @Test func `a success ends the row`() {
        var watch = FailureWatch<Int>(limit: 2)
        _ = watch.note(1, reach)
        watch.noteSuccess()
        #expect(watch.note(2, reach) == nil)
    }

    @Test(arguments: [
        ("hole 12 is 3.5 um off", "hole 13 is 17 um off"),
        ("cannot write X:\\a\\one.mrc here", "cannot write X:\\b\\two.mrc here"),
        ("no room for /data/one", "no room for /data/two/three"), ("one.mrc is not there.", "other.mrc is not there."),
    ])
    func `what a microscope refuses is alike where only figures, paths and names of files differ`(one: String, other: String) {
        #expect(FailureReason(code: "microscope.refused", text: one) == FailureReason(code: "microscope.refused", text: other))
    }

    @Test func `two things that a microscope refuses are told apart by their words`() {
        #expect(refused != FailureReason(code: "microscope.refused", text: "the column valves are closed"))
    }

    @Test func `the commonest sentence is that of the largest group, and of two as large the earlier`() {
        #expect(FailureReason.commonest(of: []) == nil)
        #expect(FailureReason.commonest(of: ["a tilt", "no peak at 1", "no peak at 2"]) == "no peak at 1")
        #expect(FailureReason.commonest(of: ["b first", "a second"]) == "b first")
    }
}
