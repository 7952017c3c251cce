import RunModel
import Store

/// One careless session from its beginning to its end, held to what must hold whatever happens.
public struct ChaosStory {
    private var chaos: Chaos
    private let seed: UInt64
    private let invariants: ChaosInvariants

    /// Tells the story of a seed; throws `Broken` when a rule did not hold.
    public static func tell(_ seed: UInt64) throws -> ChaosCoverage {
        var story = try ChaosStory(seed)
        do { return try story.tell() } catch let broken as Broken { throw broken } catch { throw story.broken(["\(error)"]) }
    }

    private init(_ seed: UInt64) throws {
        self.seed = seed
        chaos = try Chaos(seed: seed)
        invariants = ChaosInvariants(world: chaos.world, session: chaos.session)
    }

    private mutating func tell() throws -> ChaosCoverage {
        try chaos.rage(20)
        try check(chaos.problems)
        let isOver = try chaos.carryToTheEnd()
        try check(chaos.problems)
        try check(isOver ? [] : ["it does not come to its end"])
        // A movie whose outcome could not be written is taken up again with the next look at the disks or the next pulse, which come rarely here.
        try chaos.pass(.seconds(180))
        if try invariants.hasUnprocessedMovies { try chaos.pass(.seconds(1300)) }
        try check(try chaos.brokenAtRest())
        let told = try invariants.told()
        let events = try told.map { try $0.stored() }
        try check(invariants.broken(told, events) + invariants.brokenAtTheEnd(events))
        return ChaosCoverage(of: chaos, events)
    }

    private func check(_ problems: [String]) throws {
        guard problems.isEmpty else { throw broken(problems) }
    }

    private func broken(_ problems: [String]) -> Broken {
        let log = (try? chaos.world.store.newestLogLines(of: chaos.session, log: .imaging, limit: 30)) ?? []
        let lines = log.map { "\($0.at) [\($0.line.source)] \($0.line.message)" }
        let story = "story: " + chaos.story.joined(separator: ", ")
        return Broken(description: (["GRIDPILOT_SEED=\(seed)"] + problems + [story] + lines).joined(separator: "\n"))
    }

    /// A story in which a rule did not hold: the seed, the rules, what was done and the end of the log.
    public struct Broken: Error, CustomStringConvertible { public let description: String }
}
