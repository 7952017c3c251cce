import RunModel
import TestSupport
import Testing

@testable import Microscope

/// The claim as it goes over the wire.
@Suite struct ClaimedMicroscopeTests {
    private static let claim = ScopeClaim(
        installation: "here", epoch: 1, session: "s", sessionName: "s", group: "g", person: "ada", host: "h",
        since: Timestamp(milliseconds: 1_790_000_000_000))

    @Test(arguments: ["v2|later|word", "v1|too|few", "hello_world"])
    func `a claim that cannot be read is somebody's, and given way to only by staff`(text: String) throws {
        let bench = try WireBench(size: 64)
        let (scope, other, clock) = (bench.scope, bench.other, bench.executor.clock)
        let claimed = ClaimedMicroscope(scope, clock: clock)
        try bench.run { _ in
            try await other.connect(greeting: "another server")
            try await other.connection().call(.setPersistentVar, [.text("gridpilotClaim"), .text(text)])
            await other.disconnect()
            let refusal = await #expect(throws: MicroscopeError.self) {
                _ = try await claimed.connect(greeting: "run", as: Self.claim, takingOver: nil)
            }
            guard case .claimed(let shown)? = refusal else {
                Issue.record("It was refused with \(String(describing: refusal))")
                return
            }
            #expect(!shown.isKnown && shown.sentence.contains(text))
            _ = try await claimed.connect(greeting: "run", as: Self.claim, takingOver: shown)
            #expect(try await claimed.readClaim() != .none)
            await claimed.disconnect()
        }
    }

    @Test func `on the way out the claim is read, and the valves are closed before anything is written`() throws {
        let bench = try WireBench(size: 64)
        let (scope, other, clock) = (bench.scope, bench.other, bench.executor.clock)
        let claimed = ClaimedMicroscope(scope, clock: clock)
        try bench.run { _ in
            _ = try await claimed.connect(greeting: "run", as: Self.claim, takingOver: nil)
            try await claimed.load(slot: 1)
            try await claimed.setValves(open: true)
            try await other.connect(greeting: "a script")
            await other.disconnect()
        }
        let before = bench.column.ledger.count
        try bench.run { _ in
            claimed.leave()
            await claimed.disconnect()
            let entry = try await claimed.connect(greeting: "closing", as: Self.claim, takingOver: nil)
            #expect(entry.reading.isHeld(by: Self.claim))
            try await claimed.setValves(open: false)
        }
        let sent = bench.column.ledger.dropFirst(before).filter { $0.kind == .command }.compactMap(\.name)
        #expect(sent.contains("SetColumnOrGunValve") && sent.contains("GetVariable"))
        #expect(!sent.contains("SetPersistentVar"), "\(sent)")
        try bench.run { _ in await claimed.disconnect() }
        #expect(bench.column.ledger.last { $0.name == "SetPersistentVar" }?.args == ["gridpilotClaim", "0"])
    }
}
