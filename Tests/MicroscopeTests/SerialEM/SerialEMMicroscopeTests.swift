import Blocking
import Glibc
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

@testable import Microscope

/// What the microscope behind SerialEM makes of the column, against the column's own truth.
@Suite struct SerialEMMicroscopeTests {
    private func ready(_ bench: WireBench) throws {
        let clock = bench.executor.clock
        try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 1)
            try await scope.setValves(open: true)
            try await clock.sleep(for: .seconds(120))
        }
    }

    private func commands(_ bench: WireBench) -> [String] {
        bench.column.ledger.filter { $0.kind == .command }.compactMap { entry in
            entry.name.map { ([$0] + (entry.args ?? [])).joined(separator: " ") }
        }
    }

    private func goodHole(_ bench: WireBench) throws -> (square: SimulatedSquare, hole: SimulatedHole) {
        let specimen = try #require(bench.column.specimen(slot: 1))
        let square = try #require(specimen.squares.first { $0.targetClass == .good })
        let hole = try #require(
            specimen.holes(of: square).filter { $0.targetClass == .good }.min {
                $0.position.distance(to: square.position) < $1.position.distance(to: square.position)
            })
        return (square, hole)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `a hole and its square are centred`(_ seed: UInt64) throws {
        let bench = try WireBench(seed: seed, size: 512)
        try ready(bench)
        let (square, hole) = try goodHole(bench)
        try bench.run { scope in
            try await scope.prepare(for: .square)
            _ = try await scope.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
        }
        #expect(bench.column.truePosition.distance(to: square.position) < .micrometres(0.6))
        // A map shares the stage's error of its place, so a hole on it lies beside its true place by as much.
        let (believed, truth) = (try bench.run { try await $0.stagePosition() }, bench.column.truePosition)
        let mapped = StagePosition(
            x: hole.position.x + (believed.x - truth.x), y: hole.position.y + (believed.y - truth.y), z: believed.z)
        let aligned = try bench.run {
            try await $0.realign(to: MappedFeature(kind: .hole, position: mapped, size: hole.diameter))
        }
        #expect(bench.column.truePosition.distance(to: hole.position) < .micrometres(0.2))
        #expect(aligned.correlation > 0.5)
    }

    @Test func `an atlas shows every square where it is, wherever the stage stood before`() throws {
        let bench = try WireBench(size: 512)
        try ready(bench)
        try bench.run { scope in
            try await scope.moveStage(to: StagePosition(x: .micrometres(300), y: .micrometres(-200)))
            try await scope.setImageShift(PlaneShift(x: .micrometres(3), y: .zero))
        }
        let path = bench.folder.path(of: "atlas.mrc")
        let atlas = try bench.run { scope in
            _ = try await scope.call(.setLowDoseMode, .integer(0))
            _ = try await scope.call(.goToImagingState, .text("atlas"))
            return try await scope.acquireAtlas(tiles: 3, into: path)
        }
        let found = try SquareTruth(path).match(atlas, try #require(bench.column.specimen(slot: 1)))
        #expect(found.count > 100)
        // The stage's own errors, 1.5 µm over the grid, are in the map as in the truth that it is held against.
        #expect(found.filter { $0 < .micrometres(3) }.count > found.count * 9 / 10)
    }

    @Test func `a level's commands are sent when the level changes, and not again`() throws {
        let bench = try WireBench { settings in
            settings.levels[.exposure] = LevelSettings(lowDose: true, objectiveAperture: 100, slitIn: true)
            settings.levels[.atlas] = LevelSettings(lowDose: false, imagingState: "atlas", objectiveAperture: 0, slitIn: false)
            settings.upkeep = UpkeepSettings(hardwareDark: 24, zeroLoss: 60, flash: 8)
        }
        try ready(bench)
        let before = commands(bench).count
        try bench.run { scope in
            try await scope.prepare(for: .atlas)
            try await scope.prepare(for: .atlas)
            try await scope.prepare(for: .exposure)
        }
        // After each that takes long the link is asked whether it is still there.
        let sent = commands(bench).dropFirst(before).map { $0.split(separator: " ").first.map(String.init) ?? "" }
            .filter { $0 != "ReportTickTime" }
        #expect(
            sent == [
                "UpdateHWDarkRef", "LongOperation", "RefineZLP", "SetLowDoseMode", "GoToImagingState", "SetApertureSize",
                "SetSlitIn",
                "UpdateHWDarkRef", "LongOperation", "RefineZLP", "SetLowDoseMode", "SetApertureSize", "SetSlitIn",
            ])
    }

    @Test func `an image shift on a tilted stage is shorter across the axis, and the lens follows`() throws {
        let bench = try WireBench()
        try ready(bench)
        let clock = bench.executor.clock
        try bench.run { scope in
            try await scope.tilt(to: 40)
            try await clock.sleep(for: .seconds(60))
        }
        let before = commands(bench).count
        try bench.run { try await $0.setImageShift(PlaneShift(x: .micrometres(1), y: .micrometres(2))) }
        let sent = commands(bench).dropFirst(before)
        #expect(sent.contains("ImageShiftByStageDiff 1. 2."))
        let shift = bench.column.change { $0.imageShift }
        #expect(abs(shift.x - 1) < 0.001 && abs(shift.y - 2 * cos(40 * .pi / 180)) < 0.001)
        let focus = try #require(sent.first { $0.hasPrefix("ChangeFocus") }).split(separator: " ").dropFirst().compactMap {
            Double($0)
        }
        #expect(abs(focus[0] + 2 * sin(40 * .pi / 180)) < 0.001)
    }

    @Test(arguments: [(false, true), (true, true), (false, false)])
    func `an image shift goes along the stage's axes, whichever way those lie`(_ isInverted: Bool, _ isCalibrated: Bool) throws {
        var setup = ProgramSettings()
        setup.invertsStageXAxis = isInverted
        setup.hasStageCalibration = isCalibrated
        let bench = try WireBench(setup: setup)
        try ready(bench)
        for shift in [PlaneShift(x: .micrometres(3), y: .micrometres(-1)), .zero] {
            try bench.run { try await $0.setImageShift(shift) }
            let made = bench.column.change { $0.imageShift }
            #expect(abs(made.x - shift.x.micrometres) < 0.001 && abs(made.y - shift.y.micrometres) < 0.001)
        }
        // Only where SerialEM does not know the stage's axes are the specimen's taken for them, and that is told once.
        #expect(commands(bench).contains { $0.hasPrefix("ImageShiftByMicrons") } == !isCalibrated)
        #expect(bench.log.all.count == (isCalibrated ? 0 : 1))
    }

    @Test func `an older SerialEM that reports no shift along the stage's axes is shifted by microns, with a word in the log`()
        throws
    {
        var setup = SerialEMKind.thermoFisher41.setup
        setup.reportsShiftOnStage = false
        let bench = try WireBench(setup: setup)
        try ready(bench)
        // Left by somebody else: the shift goes on from there.
        try bench.run { _ = try await $0.call(.imageShiftByMicrons, .real(-2), .real(0.5)) }
        for shift in [PlaneShift(x: .micrometres(3), y: .micrometres(-1)), PlaneShift(x: .zero, y: .micrometres(2)), .zero] {
            try bench.run { try await $0.setImageShift(shift) }
            let made = bench.column.change { $0.imageShift }
            #expect(abs(made.x - shift.x.micrometres) < 0.001 && abs(made.y - shift.y.micrometres) < 0.001)
        }
        #expect(!commands(bench).contains { $0.hasPrefix("ImageShiftByStageDiff") })
        #expect(
            bench.log.all == ["Image shifts go along the specimen's axes: this SerialEM does not report them along the stage's"])
    }

    @Test(arguments: [(true, true), (true, false), (false, true)])
    func `on a tilted stage the height that a shift gains is made up for once`(_ reports: Bool, _ isCalibrated: Bool) throws {
        var setup = ProgramSettings()
        setup.reportsShiftOnStage = reports
        setup.hasStageCalibration = isCalibrated
        let bench = try WireBench(setup: setup)
        try ready(bench)
        try bench.run { scope in
            try await scope.tilt(to: 30)
            try await scope.setImageShift(PlaneShift(x: .zero, y: .micrometres(2)))
        }
        let changes = commands(bench).filter { $0.hasPrefix("ChangeFocus") }.compactMap { $0.split(separator: " ").last }
        #expect(changes.compactMap { Double($0) }.map { ($0 * 1000).rounded() } == [-1000])
        #expect(abs(bench.column.change { $0.imageShift }.y - 2 * cos(30 * .pi / 180)) < 0.001)
    }

    @Test func `on a tilted stage the height of the whole way is made up for where SerialEM shifts by a part of it first`() throws
    {
        var setup = ProgramSettings()
        setup.stageShiftScale = 0.5
        let bench = try WireBench(setup: setup)
        try ready(bench)
        try bench.run { scope in
            try await scope.tilt(to: 30)
            try await scope.setImageShift(PlaneShift(x: .zero, y: .micrometres(2)))
        }
        let changes = commands(bench).filter { $0.hasPrefix("ChangeFocus") }.compactMap { $0.split(separator: " ").last }
        #expect(changes.compactMap { Double($0) }.map { ($0 * 1000).rounded() } == [-1000])
        #expect(abs(bench.column.change { $0.imageShift }.y - 2 * cos(30 * .pi / 180)) < 0.001)
        #expect(bench.log.all.first?.hasSuffix("does not arrive where SerialEM was told") == true)
    }

    @Test func `a shift that SerialEM refuses is out of reach`() throws {
        let bench = try WireBench { $0.imageShiftLimit = .micrometres(1000) }
        try ready(bench)
        let problem = try bench.problem { try await $0.setImageShift(PlaneShift(x: .micrometres(30), y: .zero)) }
        #expect(problem == .outOfReach("An image shift of 30.0 µm"))
    }

    @Test func `a drift is measured from two Focus images and the time between them`() throws {
        let bench = try WireBench(size: 512)
        try ready(bench)
        let clock = bench.executor.clock
        let place = try goodHole(bench).hole.position
        let (early, late) = try bench.run { scope in
            try await scope.prepare(for: .hole)
            try await scope.moveStage(to: place)
            let early = try await scope.measureDrift()
            try await clock.sleep(for: .seconds(120))
            return (early, try await scope.measureDrift())
        }
        #expect(early > late)
        #expect(late < 2)
        // The buffer comes first, as SerialEM's help has it.
        #expect(commands(bench).contains("ReportMetadataString A TimeStamp"))
    }

    @Test func `a drift is told truly although SerialEM's stamps are whole seconds`() throws {
        let bench = try WireBench(faults: [SimulatedFault(.nitrogenFill, at: 0, seconds: 9000)], size: 512)
        try ready(bench)
        let clock = bench.executor.clock
        let place = try goodHole(bench).hole.position
        let drift = try bench.run { scope in
            try await scope.prepare(for: .hole)
            try await scope.moveStage(to: place)
            try await clock.sleep(for: .seconds(120))
            return try await scope.measureDrift()
        }
        // Nitrogen shakes the column by 15 Å/s.
        #expect(abs(drift - 15) < 3)
    }

    @Test func `an interval is our own, held to within a second of the stamps`() {
        func interval(_ seconds: Double, _ stamps: Double?) -> Double {
            var interval = DriftInterval(seconds: seconds)
            if let stamps { interval.hold(to: stamps) }
            return interval.seconds
        }
        #expect(interval(2.4, nil) == 2.4)
        #expect(interval(2.4, 2) == 2.4)
        #expect(interval(2.4, 3) == 2.4)
        // This computer was held up for ten seconds, or its clock is a simulated one's.
        #expect(interval(12.4, 3) == 4)
        #expect(interval(0, 3) == 2)
        // Never nothing, which no rate can be had from.
        #expect(interval(0, 0) == 0.1)
    }

    @Test func `the loader of another maker answers in its own way`() throws {
        let bench = try WireBench(vendor: .jeol, emptySlots: [2])
        try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 3)
        }
        let slots = try bench.run { try await $0.slots() }
        #expect(slots.prefix(3).map(\.state) == [.occupied, .empty, .onStage])
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
    }

    @Test func `a jam and an empty slot have names of their own`() throws {
        let bench = try WireBench(emptySlots: [2], faults: [SimulatedFault(.loaderJam, slot: 3)])
        try bench.run { try await $0.connect(greeting: "test") }
        #expect(try bench.problem { try await $0.load(slot: 3) } == .loaderJam(slot: 3))
        #expect(try bench.problem { try await $0.load(slot: 2) } == .slotEmpty(slot: 2))
        #expect(try bench.problem { try await $0.load(slot: 13) } == .refused("the loader has no slot 13"))
    }

    @Test func `problems are asked for as answers first on every connection`() throws {
        let bench = try WireBench()
        try bench.run { scope in
            try await scope.connect(greeting: "one")
            try await scope.connect(greeting: "two")
            await scope.disconnect()
            try await scope.connect(greeting: "three")
        }
        #expect(
            commands(bench) == [
                "NoMessageBoxOnError 1", "Echo one", "NoMessageBoxOnError 1", "Echo two", "Exit 1", "NoMessageBoxOnError 1",
                "Echo three",
            ])
    }

    @Test(arguments: ["View", "AutoFocus"])
    func `what would be a box on SerialEM's screen comes in its words, and the connection stays`(_ command: String) throws {
        let bench = try WireBench(link: [SerialEMFault(.messageBox, command: command)])
        try ready(bench)
        let file = bench.folder.path(of: "view.mrc")
        let problem = try bench.problem { scope in
            _ = command == "View" ? try await scope.acquire(.view, into: file).width : 0
            _ = try await scope.autofocus(target: .micrometres(-1))
        }
        #expect(problem == .refused("Timeout getting an image from the camera. Restart the camera's server"))
        _ = try bench.run { try await $0.stagePosition() }
    }

    @Test func `a box that stands whatever was asked for is a timeout that says where to look`() throws {
        let bench = try WireBench(link: [SerialEMFault(.standingBox, command: "View")])
        try ready(bench)
        let file = bench.folder.path(of: "view.mrc")
        let problem = try bench.problem { _ = try await $0.acquire(.view, into: file) }
        #expect(problem == .timedOut(command: "View", seconds: SerialEMCommand.view.row.deadline))
        #expect(problem?.remedy?.contains("screen") == true)
    }

    @Test func `an exposure that the valves kept from being taken is told so, and is not left open`() throws {
        let bench = try WireBench(faults: [SimulatedFault(.valveShut, number: 1)], size: 128)
        try ready(bench)
        let request = ExposureRequest(
            name: "s1-1-grid_1_1_1", file: bench.folder.path(of: "m.mrc"), frames: 2, exposureTime: 0.48, dose: 8)
        #expect(try bench.problem { _ = try await $0.record(request) } == .valveClosed)
        #expect(try bench.run { try await $0.evidence(of: request) } == .notTaken)
    }

    @Test(arguments: [SerialEMFault.Moment.before, .after])
    func `STOP is told by its name and ends the connection`(_ moment: SerialEMFault.Moment) throws {
        let bench = try WireBench(link: [SerialEMFault(.operatorStop, command: "AutoFocus", moment: moment)])
        try ready(bench)
        #expect(try bench.problem { _ = try await $0.autofocus(target: .micrometres(-1)) } == .operatorStopped)
        #expect(try bench.problem { _ = try await $0.stagePosition() }?.losesLink == true)
    }
}

/// Record exposures: what can be said of them afterwards, against the ledger.
@Suite struct SerialEMEvidenceTests {
    private func request(_ bench: WireBench, _ name: String = "s1-1-grid_4_7_1") -> ExposureRequest {
        ExposureRequest(
            name: name, file: bench.folder.path(of: "\(name).mrc"), frames: 2, exposureTime: 0.48, dose: 8)
    }

    private func exposures(_ bench: WireBench, _ name: String) -> Int {
        bench.column.ledger.count { $0.kind == .exposure && $0.preset == "R" && $0.name == name }
    }

    private func ready(_ bench: WireBench) throws {
        try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 1)
            try await scope.setValves(open: true)
        }
    }

    /// A link that breaks after so many bytes of the conversation about an exposure.
    @Test func `a link cut at any byte leaves an exposure that is made once at the most, and told truly`() throws {
        var outcomes: Set<String> = []
        for bytes in stride(from: 0, through: 1400, by: 23) {
            let bench = try WireBench(seed: UInt64(bytes), size: 128)
            try ready(bench)
            try bench.run { await $0.disconnect() }
            let request = request(bench)
            // The first bytes are the greeting's.
            bench.dialer.cutNext(after: 120 + bytes)
            let problem = try bench.problem { scope in
                try await scope.connect(greeting: "t")
                _ = try await scope.record(request)
            }
            bench.executor.run(for: .seconds(300))
            let other = bench.other
            let evidence = try bench.executor.complete {
                try await other.connect(greeting: "after")
                return try await other.evidence(of: request)
            }
            let made = exposures(bench, request.name)
            #expect(made <= 1)
            switch evidence {
            case .saved: #expect(made == 1)
            case .notTaken: #expect(made == 0)
            case .cannotTell: #expect(problem != nil)
            }
            outcomes.insert("\(evidence)".prefix { $0 != "(" }.description)
        }
        #expect(outcomes == ["saved", "notTaken", "cannotTell"])
    }

    @Test func `what was never asked for is not taken, also by a SerialEM that was started again`() throws {
        let bench = try WireBench(size: 128)
        try ready(bench)
        let (first, second) = (request(bench, "s1-1-grid_1_1_1"), request(bench, "s1-1-grid_1_1_2"))
        #expect(try bench.run { try await $0.evidence(of: first) } == .notTaken)
        try bench.run { _ = try await $0.record(first) }
        #expect(try bench.run { try await $0.evidence(of: second) } == .notTaken)
    }

    @Test func `what SerialEM was asked for and nobody saw is never told not taken`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "Record")], size: 128)
        try ready(bench)
        let request = request(bench)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.run { try await $0.evidence(of: request) } == .cannotTell)
    }

    /// As by a store that was put back from a copy, which has forgotten it.
    @Test func `what SerialEM was asked for before is not asked for again`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "Record")], size: 128)
        try ready(bench)
        let request = request(bench)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        bench.executor.run(for: .seconds(60))
        let made = exposures(bench, request.name)
        try bench.run { try await $0.connect(greeting: "again") }
        guard case .fileNotWritten? = try bench.problem(of: { _ = try await $0.record(request) }) else {
            Issue.record("it was asked for again")
            return
        }
        #expect(exposures(bench, request.name) == made)
        #expect(try bench.run { try await $0.evidence(of: request) } == .cannotTell)
    }

    @Test func `an exposure is not reported as never made while its folder is not there`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128)
        try ready(bench)
        let request = request(bench)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        let folder = Files.folder(of: request.file)
        try Files.rename(folder, to: folder + ".away")
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(
            try bench.problem { _ = try await $0.evidence(of: request) } == .folderMissing(path: folder))
        try Files.rename(folder + ".away", to: folder)
        guard case .saved = try bench.run({ try await $0.evidence(of: request) }) else {
            Issue.record("the movie was there all the time")
            return
        }
    }

    @Test func `a movie that is shorter than it was is not told whole`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128)
        try ready(bench)
        let request = ExposureRequest(
            name: "s1-1-grid_4_7_1", file: bench.folder.path(of: "m.mrc"), frames: 40, exposureTime: 0.48, dose: 8)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        // Another exposure has come since, so only the number that was asked for can tell.
        let later = self.request(bench, "s1-1-grid_4_7_2")
        try bench.run { scope in
            try await scope.connect(greeting: "again")
            _ = try await scope.record(later)
        }
        #expect(try bench.run { try await $0.evidence(of: request) } == .cannotTell)
    }

    @Test func `an exposure whose frames found no room cannot be told about`() throws {
        let bench = try WireBench(link: [SerialEMFault(.diskFull, command: "Record")], size: 128)
        try ready(bench)
        let request = request(bench)
        #expect(try bench.problem { _ = try await $0.record(request) } != nil)
        #expect(try bench.run { try await $0.evidence(of: request) } == .cannotTell)
        #expect(exposures(bench, request.name) == 1)
    }

    @Test func `the frames of another exposure whose name goes on are not taken for it`() throws {
        let bench = try WireBench(size: 128)
        try ready(bench)
        let (first, tenth) = (request(bench, "s1-1-grid_4_7_1"), request(bench, "s1-1-grid_4_7_10"))
        try bench.run { _ = try await $0.record(tenth) }
        // As if it had not been fetched, and the first one had been asked for.
        try Files.write("asked", to: first.file + ".asked")
        #expect(try bench.run { try await $0.evidence(of: first) } == .cannotTell)
        #expect(Files.exists(tenth.file) && !Files.exists(first.file))
    }

    @Test func `a movie that was saved and not fetched is brought into its place`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128)
        try ready(bench)
        let request = request(bench)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        try bench.run { try await $0.connect(greeting: "again") }
        let evidence = try bench.run { try await $0.evidence(of: request) }
        #expect(evidence.frames == 2)
        #expect(try MovieFile.frames(request.file) == 2)
        #expect(exposures(bench, request.name) == 1)
    }
}
