import Engine
import Microscope
import RunModel
import Store
import Synchronization
import TestSupport
import Testing

/// A microscope whose steps are many commands, as SerialEM's are.
private struct ManyCommands: WrappedMicroscope {
    let scope: any Microscope

    func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        for _ in 1...3 { _ = try await scope.autofocus(target: target) }
        return try await scope.autofocus(target: target)
    }
}

/// A microscope that takes its time to focus, and says so.
private final class SlowFocus: WrappedMicroscope {
    let scope: any Microscope
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let begun = Mutex<Timestamp?>(nil)

    init(_ scope: any Microscope, _ parts: EngineParts) {
        (self.scope, clock, now) = (scope, parts.clock, parts.now)
    }

    var silence: MicroscopeSilence? {
        guard let seconds = begun.withLock(\.self).map({ now().seconds(since: $0) }), seconds >= 45 else { return nil }
        return MicroscopeSilence(command: "AutoFocus", seconds: seconds, deadline: 90)
    }

    func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        begun.withLock { $0 = now() }
        defer { begun.withLock { $0 = nil } }
        do { try await clock.sleep(for: .seconds(60)) } catch { throw .cancelled }
        return try await scope.autofocus(target: target)
    }
}

@Suite struct FenceTests {
    private func focusing(_ part: Int) throws -> Scene {
        try Scene(seed: UInt64(part), grids: 1) { parts in
            let make = parts.microscope
            parts.microscope = { ManyCommands(scope: make($0, $1)) }
            parts.settings.pulseInterval = .seconds(7200)
        }
    }

    @Test(.serialized, .longWork, arguments: 0..<4)
    func `a lock that goes during an autofocus lets at most the command under way be finished, a thousand times`(
        part: Int
    ) throws {
        var scene = try focusing(part)
        var (trials, within, late) = (0, 0, 0)
        // The same hole again and again: its focus is never found.
        for seed in Seeds.first(1000) where seed % 4 == UInt64(part) {
            // A column forgets its oldest lines, and these are counted.
            if trials % 100 == 99 { scene = try focusing(part) }
            var random = SeededGenerator(seed: seed)
            let first = scene.commands("autofocus").count
            try scene.start()
            try scene.reachCommand("autofocus", number: first + 1)
            scene.pass(.milliseconds(Int.random(in: 0...59_000, using: &random)))
            _ = try scene.world.store.nextEpoch(of: "scope-1")
            let (before, focused) = (scene.ledger.count, scene.commands("autofocus").count)
            try scene.reach("seed \(seed)") { !$0.status.needsHolder }
            scene.pass(.seconds(30))
            // One that had asked its gate when the lock went, and was not in the ledger yet.
            let later = scene.ledger.dropFirst(before).count { $0.kind == .command }
            #expect(later <= 1, "seed \(seed)")
            (trials, late) = (trials + 1, late + later)
            if (focused - first) % 4 != 0 { within += 1 }
            #expect(scene.exposed.isEmpty)
            #expect(try scene.state.outcome?.sentence == "The lock on scope-1 went to another run.", "seed \(seed)")
        }
        // Most fall between two of the autofocus's own commands, where only its gate keeps it.
        #expect(late * 20 <= trials && within * 2 >= trials, "\(late) late and \(within) within, of \(trials)")
    }

    @Test func `a microscope that does not answer is told of, and the notice goes when it does`() throws {
        let scene = try Scene(grids: 1) { parts in
            parts.settings.lockWatchInterval = .seconds(2)
            let (make, whole) = (parts.microscope, parts)
            parts.microscope = { SlowFocus(make($0, $1), whole) }
        }
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "microscopeSilent" } }
        let notice = try #require(try scene.state.notices.first { $0.id == "microscopeSilent" })
        #expect(["45", "46", "47"].contains { notice.sentence == "The microscope has not answered for \($0) s." })
        #expect(notice.detail?.contains("It was asked for AutoFocus.") == true && notice.detail?.contains("force-kill") == true)
        try scene.reach { !$0.notices.contains { $0.id == "microscopeSilent" } }
        // Once for a silence: what lasts twice as long is said again.
        #expect(
            try scene.events().count {
                if case .noticeRaised(let notice) = $0.event { notice.id == "microscopeSilent" } else { false }
            } == 1)
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
    }
}
