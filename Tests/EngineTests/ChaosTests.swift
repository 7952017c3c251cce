import TestSupport
import Testing

/// A few of the stories that `scripts/test` tells in a release build, twenty thousand at a time: here with every assertion.
@Suite(.serialized, .longWork) struct ChaosTests {
    @Test(arguments: 0..<4) func `careless sessions lose nothing, expose nothing twice, and end in a true status`(part: Int)
        throws
    {
        for seed in Seeds.first(16) where seed % 4 == UInt64(part) { _ = try ChaosStory.tell(seed) }
    }
}
