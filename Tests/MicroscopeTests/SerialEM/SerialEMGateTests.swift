import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import Synchronization
import TestSupport
import Testing

/// The fence in front of single commands.
@Suite struct SerialEMGateTests {
    private final class Gate: Sendable {
        private let isShut = Mutex(false)
        func set(shut: Bool) { isShut.withLock { $0 = shut } }
        @Sendable func check() async throws(MicroscopeError) { if isShut.withLock(\.self) { throw .notHeld } }
    }

    private static let acting = Set(SerialEMCommand.allCases.filter(\.row.acts).map(\.name))

    /// Commands that act, after so many lines of the ledger.
    private func acting(_ bench: WireBench, after lines: Int) -> Int {
        bench.column.ledger.dropFirst(lines).count { $0.kind == .command && Self.acting.contains($0.name ?? "") }
    }

    private func ready(_ gate: Gate, link: [SerialEMFault] = []) throws -> WireBench {
        let bench = try WireBench(link: link, size: 64)
        try bench.run { scope in
            try await scope.connect(LinkTerms(greeting: "test", gate: gate.check))
            try await scope.load(slot: 1)
            try await scope.setValves(open: true)
        }
        return bench
    }

    @Test func `a gate that shuts during an autofocus lets at most the command under way be finished, a thousand times`() throws {
        let gate = Gate()
        let bench = try ready(gate)
        let executor = bench.executor
        var refused = 0
        for seed in Seeds.first(1000) {
            var random = SeededGenerator(seed: seed)
            gate.set(shut: false)
            let scope = bench.scope
            let task = executor.start { () -> MicroscopeError? in
                do { _ = try await scope.autofocus(target: .micrometres(-1)) } catch let problem as MicroscopeError {
                    return problem
                }
                return nil
            }
            executor.run(for: .milliseconds(Int.random(in: 0...20_000, using: &random)))
            gate.set(shut: true)
            let before = bench.column.ledger.count
            let problem = try executor.complete { try await task.value }
            #expect(acting(bench, after: before) <= 1, "seed \(seed)")
            #expect(problem == nil || problem == .notHeld, "seed \(seed)")
            refused += problem == .notHeld ? 1 : 0
        }
        #expect(refused > 300)
    }

    @Test func `behind a shut gate nothing moves, and everything can be asked`() throws {
        let gate = Gate()
        let bench = try ready(gate)
        gate.set(shut: true)
        let before = bench.column.ledger.count
        _ = try bench.run { scope in
            _ = try await scope.stagePosition()
            _ = try await scope.columnState()
            _ = try await scope.loadedSlot()
        }
        let file = bench.folder.path(of: "x.mrc")
        let request = ExposureRequest(name: "x", file: file, frames: 2, exposureTime: 1, dose: 10)
        let acts: [@Sendable (SerialEMMicroscope) async throws -> Void] = [
            { try await $0.load(slot: 3) }, { try await $0.setValves(open: false) }, { try await $0.prepare(for: .hole) },
            { try await $0.moveStage(to: StagePosition(x: .micrometres(5), y: .zero)) }, { try await $0.tilt(to: 5) },
            { try await $0.setImageShift(PlaneShift(x: .micrometres(1), y: .zero)) },
            { _ = try await $0.acquireAtlas(tiles: 1, into: file) }, { _ = try await $0.acquire(.view, into: file) },
            { _ = try await $0.findEucentricHeight() }, { _ = try await $0.measureDrift() },
            { try await $0.changeFocus(by: .micrometres(1)) }, { _ = try await $0.record(request) },
        ]
        for act in acts { #expect(try bench.problem(of: act) == .notHeld) }
        #expect(acting(bench, after: before) == 0)
    }

    @Test func `an exposure that the gate kept back leaves no mark, so nobody is asked about it`() throws {
        let gate = Gate()
        let bench = try ready(gate)
        gate.set(shut: true)
        let request = ExposureRequest(name: "x", file: bench.folder.path(of: "x.mrc"), frames: 2, exposureTime: 1, dose: 10)
        #expect(try bench.problem { _ = try await $0.record(request) } == .notHeld)
        #expect(try bench.run { try await $0.evidence(of: request) } == .notTaken)
    }

    /// A process that was stopped, or a machine that slept, sees only that its clock has gone on.
    @Test func `what acts is sent over a link that has just answered, and else something harmless goes first`() throws {
        let link = [SerialEMFault(.lateAnswer, command: "ReportStageXYZ", seconds: 15)]
        let bench = try ready(Gate(), link: link)
        func names(_ act: @escaping @Sendable (SerialEMMicroscope) async throws -> Void) throws -> [String] {
            let before = bench.column.ledger.count
            try bench.run(act)
            return bench.column.ledger.dropFirst(before).filter { $0.kind == .command }.compactMap(\.name)
        }
        bench.executor.run(for: .seconds(60))
        #expect(try names { try await $0.tilt(to: 5) }.first == "ReportTickTime")
        #expect(try !names { try await $0.tilt(to: 6) }.contains("ReportTickTime"))
        // The answer came just now, to a question of long ago.
        _ = try bench.run { try await $0.stagePosition() }
        #expect(try names { try await $0.tilt(to: 7) }.first == "ReportTickTime")
    }

    @Test func `a link that was taken away in such a time gets no command that acts`() throws {
        let bench = try ready(Gate())
        let other = bench.other
        try bench.executor.complete {
            try await other.connect(greeting: "other")
            await other.disconnect()
        }
        bench.executor.run(for: .seconds(60))
        let before = bench.column.ledger.count
        #expect(try bench.problem { try await $0.tilt(to: 5) }?.losesLink == true)
        #expect(acting(bench, after: before) == 0)
    }

    @Test func `a deadline is three times what a command usually takes, by the work it has`() throws {
        for command in SerialEMCommand.allCases {
            #expect(command.row.deadline == max(20, 3 * command.row.usual), "\(command.name)")
        }
        let bench = try WireBench(link: [
            SerialEMFault(.halfOpen, command: "Record"), SerialEMFault(.halfOpen, command: "Montage"),
        ])
        for isFirst in [true, false] {
            try bench.run { scope in
                try await scope.connect(greeting: "test")
                if try await scope.loadedSlot() != 1 { try await scope.load(slot: 1) }
                try await scope.setValves(open: true)
            }
            let (movie, atlas) = (bench.folder.path(of: "movie.mrc"), bench.folder.path(of: "atlas.mrc"))
            let request = ExposureRequest(name: "movie", file: movie, frames: 2, exposureTime: 5, dose: 10)
            let problem = try bench.problem { scope in
                if isFirst {
                    _ = try await scope.record(request)
                } else {
                    _ = try await scope.acquireAtlas(tiles: 5, into: atlas)
                }
            }
            #expect(
                problem == (isFirst ? .timedOut(command: "Record", seconds: 60) : .timedOut(command: "Montage", seconds: 1590)))
        }
    }

    @Test func `what exposes, loads or moves by an amount is never sent again by itself`() throws {
        let once: [SerialEMCommand] = [
            .record, .view, .search, .focus, .trial, .preview, .montage, .autoFocus, .eucentricity, .loadCartridge,
            .unloadCartridge, .tiltBy, .moveStage, .stageShiftByPixels, .imageShiftByMicrons, .changeFocus, .autoAlign,
        ]
        for command in once { #expect(command.row.acts && !command.row.mayBeRepeated, "\(command.name)") }
        let bench = try WireBench(link: [SerialEMFault(.messageBox, command: "LoadCartridge")])
        try bench.run { try await $0.connect(greeting: "test") }
        #expect(try bench.problem { try await $0.load(slot: 3) } != nil)
        #expect(bench.column.ledger.count { $0.name == "LoadCartridge" } == 1)
    }

    @Test func `a command that takes longer than usual is told of from half its deadline on, until it is answered`() throws {
        let bench = try WireBench(link: [SerialEMFault(.lateAnswer, command: "ReportStageXYZ", seconds: 15)])
        try bench.run { try await $0.connect(greeting: "test") }
        let scope = bench.scope
        let task = bench.executor.start { try await scope.stagePosition() }
        bench.executor.run(for: .seconds(9))
        #expect(scope.silence == nil)
        bench.executor.run(for: .seconds(2))
        let silence = try #require(scope.silence)
        #expect(silence.command == "ReportStageXYZ" && silence.deadline == 20 && (10...12).contains(silence.seconds))
        _ = try bench.executor.complete { try await task.value }
        #expect(scope.silence == nil)
    }
}
