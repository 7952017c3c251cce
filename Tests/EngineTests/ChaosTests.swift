import RunModel
import TestSupport
import Testing

@Suite(.serialized, .longWork) struct ChaosTests {
    @Test(arguments: 0..<8) func `a thousand careless sessions lose nothing, expose nothing twice, and end in a true status`(
        part: Int
    ) throws {
        let seeds = Seeds.first(1000).filter { $0 % 8 == UInt64(part) }
        var coverage = Coverage()
        for seed in seeds {
            var chaos = try Chaos(seed: seed)
            let invariants = ChaosInvariants(world: chaos.world, session: chaos.session)
            try chaos.rage(24)
            try check(invariants.brokenNow(), chaos, seed)
            try check(try chaos.carryToTheEnd() ? [] : ["it does not come to its end"], chaos, seed)
            chaos.life.executor.run(for: .seconds(60))
            try check(invariants.broken() + invariants.brokenAtTheEnd(), chaos, seed)
            try coverage.note(chaos)
        }
        // One seed alone need not have met everything.
        if seeds.count >= 100 { #expect(coverage.missing == []) }
    }

    private func check(_ broken: [String], _ chaos: Chaos, _ seed: UInt64) throws {
        guard !broken.isEmpty else { return }
        let log = try chaos.world.store.newestLogLines(of: chaos.session, log: .imaging, limit: 30)
        let lines = log.map { "\($0.at) [\($0.line.source)] \($0.line.message)" }
        let story = "story: " + chaos.story.joined(separator: ", ")
        throw Broken(description: (["GRIDPILOT_SEED=\(seed)"] + broken + [story] + lines).joined(separator: "\n"))
    }

    struct Broken: Error, CustomStringConvertible { let description: String }
}

/// How often the stories met what they are there to meet.
private struct Coverage {
    private var counts: [String: Int] = [:]
    private static let wanted: Set<String> = Set(Chaos.Met.allCases.map(\.rawValue)).union([
        "exposure again", "exposure left", "exposure notTaken", "exposure saved", "link lost", "stop taken back", "disk full",
        "completed",
        "cassette asked about", "cassette accepted", "grid skipped", "wrong cartridge", "images dark", "images frozen",
        "killed", "stopped", "interrupted", "grid failed", "target failed", "movie failed", "queue edited", "prompt withdrawn",
    ])

    var missing: [String] { Self.wanted.subtracting(counts.keys).sorted() }

    mutating func note(_ chaos: Chaos) throws {
        for met in chaos.met { counts[met.rawValue, default: 0] += 1 }
        for told in try chaos.world.store.events(on: .session(chaos.session), after: 0, limit: 100_000) {
            if let word = Self.word(try told.stored().event) { counts[word, default: 0] += 1 }
        }
    }

    private static func word(_ event: RunEvent) -> String? {
        switch event {
        case .exposureSettled(let news): "exposure \(news.outcome == .again ? "again" : news.outcome.rawValue)"
        case .noticeRaised(let notice) where notice.id == "microscopeLost": "link lost"
        case .stopCancelled: "stop taken back"
        case .promptRaised(let prompt) where prompt.kind == .diskFull: "disk full"
        case .promptRaised(let prompt) where prompt.kind == .cassetteChanged: "cassette asked about"
        case .promptRaised(let prompt) where prompt.kind == .imagesSuspect:
            prompt.cause?.contains("dark") == true ? "images dark" : "images frozen"
        case .cassetteRead(let news) where news.by != nil: "cassette accepted"
        case .gridFailed(let news) where news.sentence.hasPrefix("The loader brought"): "wrong cartridge"
        case .gridFailed(let news) where news.sentence.hasSuffix("chose not to load slot 1."): "grid skipped"
        case .gridFailed(let news) where news.sentence.hasSuffix("chose not to load slot 2."): "grid skipped"
        case .runCompleted: "completed"
        case .runKilled: "killed"
        case .runStopped: "stopped"
        case .runInterrupted: "interrupted"
        case .gridFailed: "grid failed"
        case .targetChanged(let news) where news.status == .failed: "target failed"
        case .processingFailed(let news) where news.micrograph != nil: "movie failed"
        case .queueChanged(let news) where news.by != nil: "queue edited"
        case .promptWithdrawn: "prompt withdrawn"
        default: nil
        }
    }
}
