import RunModel
import TestSupport
import Testing

@Suite struct ChaosTests {
    @Test func `a thousand careless sessions lose nothing, expose nothing twice, and end in a true status`() throws {
        try Seeds.check(1000) { seed in
            var chaos = try Chaos(seed: seed)
            let invariants = ChaosInvariants(world: chaos.world, session: chaos.session)
            try chaos.rage(30)
            try check(invariants.broken(), chaos)
            try check(try chaos.carryToTheEnd() ? [] : ["it does not come to its end"], chaos)
            try check(invariants.broken(), chaos)
        }
    }

    private func check(_ broken: [String], _ chaos: Chaos) throws {
        guard !broken.isEmpty else { return }
        let log = try chaos.world.store.newestLogLines(of: chaos.session, log: .imaging, limit: 30)
        let lines = log.map { "\($0.at) [\($0.line.source)] \($0.line.message)" }
        throw Broken(description: (broken + ["story: " + chaos.story.joined(separator: ", ")] + lines).joined(separator: "\n"))
    }

    struct Broken: Error, CustomStringConvertible { let description: String }
}
