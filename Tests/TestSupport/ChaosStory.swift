import RunModel
import Store

/// One careless session from its beginning to its end, held to what must hold whatever happens.
public enum ChaosStory {
    /// Tells the story of a seed; throws `Broken` when a rule did not hold.
    public static func tell(_ seed: UInt64) throws -> ChaosCoverage {
        var chaos = try Chaos(seed: seed)
        let invariants = ChaosInvariants(world: chaos.world, session: chaos.session)
        try chaos.rage(24)
        try check(invariants.brokenNow(), chaos, seed)
        try check(try chaos.carryToTheEnd() ? [] : ["it does not come to its end"], chaos, seed)
        chaos.life.executor.run(for: .seconds(60))
        let told = try invariants.told()
        let events = try told.map { try $0.stored() }
        try check(invariants.broken(told, events) + invariants.brokenAtTheEnd(), chaos, seed)
        return ChaosCoverage(of: chaos, events)
    }

    private static func check(_ broken: [String], _ chaos: Chaos, _ seed: UInt64) throws {
        guard !broken.isEmpty else { return }
        let log = try chaos.world.store.newestLogLines(of: chaos.session, log: .imaging, limit: 30)
        let lines = log.map { "\($0.at) [\($0.line.source)] \($0.line.message)" }
        let story = "story: " + chaos.story.joined(separator: ", ")
        throw Broken(description: (["GRIDPILOT_SEED=\(seed)"] + broken + [story] + lines).joined(separator: "\n"))
    }

    /// A story in which a rule did not hold: the seed, the rules, what was done and the end of the log.
    public struct Broken: Error, CustomStringConvertible { public let description: String }
}
