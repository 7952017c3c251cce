import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct CancellationTests {
    enum Command: String, CaseIterable, Sendable {
        case slots, load, columnState, setValves, prepare, moveStage, tilt, setImageShift, acquireAtlas, acquire, realign
        case findEucentricHeight, autofocus, changeFocus, measureDrift, record, evidence

        func send(to scope: SimulatedMicroscope) async throws {
            let far = StagePosition(x: .micrometres(500), y: .zero)
            switch self {
            case .slots: _ = try await scope.slots()
            case .load: try await scope.load(slot: 2)
            case .columnState: _ = try await scope.columnState()
            case .setValves: try await scope.setValves(open: false)
            case .prepare: try await scope.prepare(for: .hole)
            case .moveStage: try await scope.moveStage(to: far)
            case .tilt: try await scope.tilt(to: 30)
            case .setImageShift: try await scope.setImageShift(.zero)
            case .acquireAtlas: _ = try await scope.acquireAtlas(tiles: 3, into: "/a.mrc")
            case .acquire: _ = try await scope.acquire(.view, into: "/v.mrc")
            case .realign: _ = try await scope.realign(to: MappedFeature(kind: .hole, position: far, size: .micrometres(1.2)))
            case .findEucentricHeight: _ = try await scope.findEucentricHeight()
            case .autofocus: _ = try await scope.autofocus(target: .micrometres(-1))
            case .changeFocus: try await scope.changeFocus(by: .micrometres(-0.5))
            case .measureDrift: _ = try await scope.measureDrift()
            case .record: _ = try await scope.record(Bench.request())
            case .evidence: _ = try await scope.evidence(of: Bench.request())
            }
        }
    }

    @Test(arguments: Command.allCases)
    func `a cancellation is heard at once in every wait and closes the link`(_ command: Command) throws {
        let bench = Bench()
        try bench.ready()
        let scope = bench.scope
        let task = bench.executor.start { () -> MicroscopeError? in
            do { try await command.send(to: scope) } catch { return error as? MicroscopeError }
            return nil
        }
        bench.executor.run(for: .milliseconds(20))
        task.cancel()
        let begun = bench.seconds
        let outcome = try bench.executor.complete { try await task.value }
        #expect(outcome == .cancelled)
        #expect(bench.seconds == begun)
        #expect(bench.column.connectedClient == nil)
        #expect(bench.entries(.disconnect).count == 1)
        #expect(bench.column.ledger.last?.kind == .disconnect)
    }

    @Test func `a cancelled task is not connected`() throws {
        let bench = Bench()
        let scope = bench.scope
        let task = bench.executor.start { () -> MicroscopeError? in
            do { try await scope.connect(greeting: "test") } catch { return error as? MicroscopeError }
            return nil
        }
        task.cancel()
        #expect(try bench.executor.complete { try await task.value } == .cancelled)
        #expect(bench.entries(.connect).isEmpty)
    }

    @Test(arguments: [
        (Duration.seconds(1), ExposureEvidence.notTaken, 0),
        (.seconds(2), .cannotTell, 1),
        (.milliseconds(4500), .saved(ExposureReport(frames: 10, bytes: 20_972_544)), 1),
    ])
    func `an exposure whose client vanished is settled by the ledger`(
        _ moment: Duration, _ expected: ExposureEvidence, _ exposures: Int
    ) throws {
        let bench = Bench()
        try bench.ready()
        let scope = bench.scope
        let task = bench.executor.start { try await scope.record(Bench.request()) }
        bench.executor.run(for: moment)
        task.cancel()
        bench.executor.run(for: .seconds(10))
        let next = bench.anotherClient()
        let evidence = try bench.executor.complete {
            try await next.connect(greeting: "after")
            return try await next.evidence(of: Bench.request())
        }
        #expect(evidence == expected)
        #expect(bench.entries(.exposure).count == exposures)
    }
}
