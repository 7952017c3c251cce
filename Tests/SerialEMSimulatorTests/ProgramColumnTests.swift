import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

/// Loader, vacuum, stage and the optics that nothing depends on.
@Suite struct ProgramColumnTests {
    private static var settings: ColumnSettings {
        var settings = ColumnSettings()
        settings.slots = 4
        settings.emptySlots = [2]
        settings.names = [3: "apo"]
        return settings
    }

    @Test func `slots say whether they hold a cartridge and what it is called`() throws {
        let bench = try ProgramBench(settings: Self.settings)
        #expect(try bench.values(.reportSlotStatus, 1) == [.number(1), .number(1)])
        #expect(try bench.values(.reportSlotStatus, 2) == [.number(0)])
        #expect(try bench.values(.reportSlotStatus, 3) == [.number(1), .text("apo")])
        #expect(try bench.problem(.reportSlotStatus, 5).contains("no slot 5"))
        #expect(try bench.numbers(.reportLoadedSlot) == [0, 0])
    }

    @Test func `a loader of the other maker reports its inventory`() throws {
        var settings = Self.settings
        settings.loader = .jeol
        let bench = try ProgramBench(settings: settings)
        #expect(try bench.problem(.reportLoadedSlot).contains("You must get a cartridge inventory before line:"))
        for command in [SerialEMCommand.reportSlotStatus, .loadCartridge] {
            #expect(try bench.problem(command, 3).contains("You need to do a cassette inventory"))
        }
        #expect(try bench.problem(.longOperation, "IN", "0").contains("is not a long operation"))
        try bench.values(.longOperation, "In")
        #expect(try bench.numbers(.reportLoadedSlot) == [-1, -1])
        try bench.values(.loadCartridge, 3)
        #expect(
            try bench.values(.reportSlotStatus, 3)
                == [.number(103), .number(3), .number(3), .number(1), .number(0), .text("apo")])
        #expect(try bench.values(.reportSlotStatus, 2) == [.number(-1)])
        #expect(try bench.numbers(.reportLoadedSlot) == [2, 103])
        #expect(try bench.problem(.isPVPRunning).contains("no such pump"))
    }

    @Test func `a load takes its minutes and is in the ledger`() throws {
        let bench = try ProgramBench(settings: Self.settings)
        let begun = bench.executor.now.sinceStart
        #expect(try bench.numbers(.loadCartridge, 3) == [0, 0])
        #expect((bench.executor.now.sinceStart - begun) / .seconds(1) == 120)
        #expect(try bench.numbers(.reportLoadedSlot) == [3, 0])
        // Its slot is empty meanwhile.
        #expect(try bench.values(.reportSlotStatus, 3) == [.number(0)])
        #expect(try bench.numbers(.isPVPRunning) == [1])
        try bench.values(.manageDewarsAndPumps)
        #expect(try bench.numbers(.isPVPRunning) == [0])
        #expect(try bench.numbers(.unloadCartridge) == [0, 0])
        #expect(try bench.numbers(.reportLoadedSlot) == [0, 0])
        #expect(bench.entries(.load).map(\.name) == ["loaded", "unloaded"])
        let later = SimulatedColumn(settings: Self.settings, seed: 7, history: bench.column.ledger)
        #expect(later.cartridgeOnStage == nil)
    }

    @Test func `an empty slot cannot be loaded, a jam is a value`() throws {
        let bench = try ProgramBench(
            settings: Self.settings,
            columnFaults: [SimulatedFault(.loaderJam, slot: 1, times: 1), SimulatedFault(.slotEmpty, slot: 4)])
        #expect(try bench.problem(.loadCartridge, 2).contains("no cartridge"))
        #expect(try bench.problem(.loadCartridge, 9).contains("no slot 9"))
        #expect(try bench.numbers(.loadCartridge, 1) == [1, 0])
        #expect(try bench.numbers(.reportLoadedSlot) == [0, 0])
        #expect(try bench.numbers(.loadCartridge, 4) == [1, 0])
        #expect(try bench.numbers(.loadCartridge, 1) == [0, 0])
        #expect(bench.entries(.load).map(\.name) == ["jammed", "empty", "loaded"])
    }

    @Test func `valves open and close, each in the ledger once`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.reportColumnOrGunValve) == [0])
        try bench.values(.setColumnOrGunValve, 1)
        try bench.values(.setColumnOrGunValve, 1)
        #expect(try bench.numbers(.reportColumnOrGunValve) == [1])
        try bench.values(.setColumnOrGunValve, 0)
        #expect(bench.entries(.valves).map(\.args) == [["open"], ["closed"]])
    }

    @Test func `nitrogen comes round and is told beforehand`() throws {
        var settings = ColumnSettings()
        settings.nitrogen?.first = 1000
        let bench = try ProgramBench(settings: settings)
        bench.sleep(400)
        #expect(try bench.numbers(.dewarsRemainingTime) == [600])
        #expect(try bench.numbers(.areDewarsFilling) == [0])
        bench.sleep(700)
        #expect(try bench.numbers(.areDewarsFilling) == [1])
        #expect(try bench.numbers(.dewarsRemainingTime) == [0])
        try bench.values(.manageDewarsAndPumps)
        #expect(try bench.numbers(.areDewarsFilling) == [0])
        #expect(try bench.numbers(.refrigerantLevel, 1)[0] > 80)
        #expect(try bench.problem(.refrigerantLevel, 7).contains("no dewar"))
    }

    @Test func `a column that needs no nitrogen has no fill to come`() throws {
        var settings = ColumnSettings()
        settings.nitrogen = nil
        let bench = try ProgramBench(settings: settings)
        #expect(try bench.numbers(.dewarsRemainingTime) == [-1])
    }

    @Test func `the stage goes where it is sent and keeps its height`() throws {
        let bench = try ProgramBench()
        try bench.values(.moveStageTo, 12.5, -3.25, 7.0)
        #expect(try bench.numbers(.reportStageXYZ) == [12.5, -3.25, 7])
        try bench.values(.moveStageTo, 0.0, 0.0)
        #expect(try bench.numbers(.reportStageXYZ) == [0, 0, 7])
        try bench.values(.moveStage, 1.0, 2.0, -7.0)
        #expect(try bench.numbers(.reportStageXYZ) == [1, 2, 0])
        #expect(try bench.problem(.moveStageTo, 5000.0, 0.0).contains("out of reach"))
    }

    @Test func `a stage move by pixels brings what lies there to the middle`() throws {
        let bench = try ProgramBench()
        let m = try bench.numbers(.cameraToSpecimenMatrix, 0)
        try bench.values(.stageShiftByPixels, 1000.0, 500.0)
        let stage = try bench.numbers(.reportStageXYZ)
        #expect(abs(stage[0] - (m[0] * 1000 + m[1] * 500)) < 1e-9 && abs(stage[1] - (m[2] * 1000 + m[3] * 500)) < 1e-9)
    }

    @Test func `a stage that something else has is left alone without a word`() throws {
        let bench = try ProgramBench.ready(size: 32)
        let executor = bench.executor
        let other = SimulatedMicroscope(
            column: bench.column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) },
            camera: PixelFreeCamera())
        executor.start {
            try await other.connect(greeting: "other")
            try await other.moveStage(to: StagePosition(x: .micrometres(900), y: .zero))
        }
        executor.run(for: .seconds(1))
        #expect(try bench.numbers(.reportStageBusy) == [1])
        try bench.values(.moveStageTo, 10.0, 10.0)
        try bench.values(.tiltTo, 20.0)
        #expect(try bench.numbers(.reportStageXYZ)[1] == 0)
        #expect(try bench.numbers(.reportTiltAngle) == [0])
        bench.sleep(20)
        #expect(try bench.numbers(.reportStageBusy) == [0])
        try bench.values(.moveStageTo, 10.0, 10.0)
        #expect(try bench.numbers(.reportStageXYZ)[0] == 10)
    }

    @Test func `the stage tilts as far as it can`() throws {
        let bench = try ProgramBench()
        try bench.values(.tiltTo, 30.0)
        try bench.values(.tiltBy, -10.0)
        #expect(try bench.numbers(.reportTiltAngle) == [20])
        #expect(
            try bench.problem(.tiltTo, 200.0)
                == "Attempt to tilt too high in script, to 200.0 degrees, in line:\r\n\r\nTiltTo(200.)")
    }

    @Test func `an image shift beyond the limit is refused as a value`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.imageShiftByMicrons, 20.0, 0.0) == [1])
        #expect(try bench.numbers(.reportSpecimenShift) == [0, 0])
        #expect(try bench.numbers(.imageShiftByMicrons, 3.0, 4.0) == [0])
        let units = try bench.numbers(.reportImageShift)
        try bench.values(.setImageShift, 0.0, 0.0)
        #expect(try bench.numbers(.reportSpecimenShift) == [0, 0])
        try bench.values(.setImageShift, .real(units[0]), .real(units[1]))
        let back = try bench.numbers(.reportSpecimenShift)
        #expect(abs(back[0] - 3) < 1e-9 && abs(back[1] - 4) < 1e-9)
        #expect(try bench.numbers(.reportMaxImageShift, 0) == [15, 0])
        #expect(try bench.problem(.reportMaxImageShift, 99).contains("out of range"))
    }

    @Test func `magnifications are those of the table`() throws {
        let bench = try ProgramBench(size: 1024, pixelSize: 1.5)
        try bench.values(.setMag, 80.0)
        #expect(try bench.numbers(.reportMag) == [82, 1, 1])
        #expect(try bench.numbers(.reportCurrentPixelSize, "R") == [400])
        #expect(try bench.problem(.setMag, 250.0).contains("not near enough"))
        try bench.values(.setMagIndex, 13)
        #expect(try bench.numbers(.reportMagIndex) == [13, 0])
        #expect(try bench.numbers(.reportCurrentPixelSize, "R") == [0.15])
        #expect(try bench.numbers(.cameraProperties) == [1024, 1024, 0, 5, 0.15, 1])
        #expect(try bench.numbers(.cameraProperties, 1, 2)[4] == 400)
        try bench.values(.setLowDoseMode, 1)
        #expect(
            try ["S", "V", "F", "P"].map { try bench.numbers(.reportCurrentPixelSize, .text($0))[0] } == [64, 12, 0.15, 0.15])
        #expect(try bench.text(.reportCameraName, 1) == "Simulated")
    }

    @Test func `low dose areas are gone to by their capital letter`() throws {
        let bench = try ProgramBench()
        #expect(try bench.problem(.goToLowDoseArea, "V").contains("low dose mode"))
        #expect(try bench.numbers(.setLowDoseMode, 1) == [0])
        #expect(try bench.numbers(.reportLowDose) == [1, -1])
        try bench.values(.goToLowDoseArea, "Search")
        #expect(try bench.numbers(.reportLowDose) == [1, 4])
        #expect(try bench.problem(.goToLowDoseArea, "record").contains("not a low dose area"))
        #expect(try bench.problem(.goToLowDoseArea, "P").contains("not a low dose area"))
        #expect(try bench.numbers(.setLowDoseMode, 0) == [1])
        #expect(try bench.numbers(.reportLowDose) == [0, -1])
    }

    @Test func `the Focus area lies where its axis puts it`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.setAxisPosition, "F", 3.0, 90.4)
        #expect(try bench.numbers(.reportAxisPosition, "F") == [3, 90, 0, 0])
        try bench.values(.focus)
        let stage = try bench.stage()
        let m = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        #expect(abs(m[0] * 32 + m[1] * 32 + m[4] - stage.x.micrometres) < 1e-6)
        #expect(abs(m[2] * 32 + m[3] * 32 + m[5] - stage.y.micrometres - 3) < 1e-6)
        try bench.values(.record)
        let r = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        #expect(abs(r[2] * 32 + r[3] * 32 + r[5] - stage.y.micrometres) < 1e-6)
        #expect(try bench.problem(.setAxisPosition, "V", 3.0, 0.0).contains("Focus and the Trial"))
        #expect(try bench.problem(.setAxisPosition, "F", 25.0, 0.0).contains("too far"))
        try bench.values(.setAxisPosition, "T", -3.0, 4.0, 1)
        #expect(try bench.numbers(.reportAxisPosition, "T")[0] == 5)
    }

    @Test func `imaging states are found by name, number or the beginning of a name`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.goToImagingState, "atlas") == [0])
        #expect(try bench.numbers(.reportMag)[0] == 82)
        #expect(try bench.numbers(.goToImagingState, "Sea") == [0])
        #expect(try bench.numbers(.reportLowDose) == [1, 4])
        #expect(try bench.numbers(.goToImagingState, "nothing") == [1])
        #expect(try bench.numbers(.goToImagingState, "99") == [3])
        #expect(
            try bench.values(.imagingStateProperties, "1") == [
                .number(0), .number(1), .number(0), .number(1), .number(2), .text("atlas"),
            ])
    }

    @Test func `the slit, the apertures and the screen do as they are told`() throws {
        let bench = try ProgramBench()
        try bench.values(.setSlitIn, 0)
        try bench.values(.setSlitWidth, 10.0)
        try bench.values(.setEnergyLoss, 5.0)
        #expect(try bench.numbers(.reportEnergyFilter) == [10, 5, 0])
        try bench.values(.setSlitIn)
        #expect(try bench.numbers(.reportEnergyFilter)[2] == 1)
        try bench.values(.setApertureSize, 2, 70)
        try bench.values(.removeAperture, 2)
        #expect(try bench.numbers(.reportApertureSize, 2) == [0])
        try bench.values(.reInsertAperture, 2)
        #expect(try bench.numbers(.reportApertureSize, 2) == [70])
        #expect(try bench.problem(.setApertureSize, 2, 33).contains("no hole"))
        try bench.values(.screenDown)
        #expect(try bench.numbers(.reportScreen) == [1])
        try bench.values(.setPercentC2, 40.0)
        #expect(try bench.numbers(.reportPercentC2) == [40, 0.4])
        #expect(try bench.problem(.setSpotSize, 12).contains("out of range"))
        #expect(try bench.numbers(.reportHighVoltage) == [300])
    }

    @Test func `saved beam tilt comes back once`() throws {
        let bench = try ProgramBench()
        #expect(try bench.problem(.restoreBeamTilt).contains("without a SaveBeamTilt"))
        try bench.values(.setBeamTilt, 1.0, 2.0)
        try bench.values(.saveBeamTilt)
        #expect(try bench.problem(.saveBeamTilt).contains("second"))
        try bench.values(.setBeamTilt, 9.0, 9.0)
        try bench.values(.restoreBeamTilt)
        #expect(try bench.numbers(.reportBeamTilt) == [1, 2])
    }

    @Test func `long operations are done when they are due and remembered`() throws {
        let bench = try ProgramBench.ready(size: 32)
        #expect(try bench.numbers(.longOperation, "FF", "-2", "DA", "-2").allSatisfy { $0 > 20 })
        #expect(try bench.numbers(.longOperation, "ff", "8") == [0, 0])
        let hours = try bench.numbers(.longOperation, "FF", "-2", "RE", "-2")
        #expect(hours[0] < 0.01 && hours[1] > 20)
        let begun = bench.executor.now
        #expect(try bench.numbers(.longOperation, "FF", "8") == [0, 0])
        #expect(bench.executor.now == begun)
        #expect(try bench.problem(.longOperation, "IN").contains("not available"))
        #expect(try bench.problem(.longOperation, "XX", "1").contains("not a long operation"))
        #expect(try bench.problem(.longOperation, "FF").contains("interval"))
        #expect(try bench.numbers(.updateHWDarkRef, 4.0) == [0, 0])
        #expect(try bench.numbers(.reportLongOperations) == [0, -1, -1])
    }

    @Test func `the zero-loss peak is refined when its minutes have passed`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.refineZLP)
        let shots = bench.entries(.exposure).count
        try bench.values(.refineZLP, 30.0)
        #expect(bench.entries(.exposure).count == shots)
        bench.sleep(1900)
        try bench.values(.refineZLP, 30.0)
        #expect(bench.entries(.exposure).count > shots)
    }
}
