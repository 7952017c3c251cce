import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@testable import SerialEMSimulator

@Suite struct ProgramControlTests {
    @Test func `every command of the table is carried out or answered with words`() throws {
        let bench = try ProgramBench()
        for command in SerialEMCommand.allCases where command != .exit {
            let outcome = try bench.run(command, [])
            switch outcome {
            case .done: #expect(command.row.needed == 0, "\(command)")
            case .failed(let text): #expect(text?.contains("\r\n\r\n\(command.name)()\r\n* *") == true, "\(command)")
            case .exited, .stopped: Issue.record("\(command) ended control")
            }
            if case .failed(let text?) = outcome { #expect(!text.contains("cannot be run here"), "\(command)") }
        }
    }

    @Test func `every command of scripts is carried out or answered with words`() throws {
        let bench = try ProgramBench()
        for row in SimulatedSerialEM.scriptRows {
            switch try bench.script(row.name, []) {
            case .done: #expect(row.needed == 0, "\(row.name)")
            case .failed(let text): #expect(text?.contains("\r\n\r\n\(row.name)()") == true, "\(row.name)")
            case .exited, .stopped: Issue.record("\(row.name) ended control")
            }
        }
    }

    @Test func `a command that is not known fails without words`() throws {
        let bench = try ProgramBench()
        let (program, client) = (bench.program, bench.client)
        #expect(try bench.executor.complete { await program.run(9999, [.integer(1)], client: client) } == .failed(nil))
        #expect(bench.entries(.command).last?.name == "9999")
    }

    @Test func `every command is in the ledger before it is carried out, with its client and its words`() throws {
        let bench = try ProgramBench()
        _ = try bench.run(.moveStageTo, [.real(9000), .real(0)])
        _ = try bench.run(.echo, [.text("hello")])
        let lines = bench.column.ledger
        #expect(lines.map(\.kind) == [.connect, .command, .command])
        #expect(lines.map(\.client) == [1, 1, 1])
        #expect(lines[1].name == "MoveStageTo" && lines[1].args == ["9000.", "0."])
        #expect(lines[2].args == ["hello"])
    }

    @Test(arguments: [(nil, true), (0, true), (1, false)] as [(Int?, Bool)]) func `Exit tells how it was asked`(
        _ argument: Int?, _ isNormal: Bool
    ) throws {
        let bench = try ProgramBench()
        #expect(try bench.run(.exit, argument.map { [.integer($0)] } ?? []) == .exited(isNormal: isNormal))
    }

    @Test func `what lasts as long as control is undone with it`() throws {
        let bench = try ProgramBench()
        try bench.values(.setExposure, "R", 1.2)
        try bench.values(.setBinning, "V", 2)
        try bench.values(.setExposure, "S", 3.0)
        try bench.values(.keepCameraSetChanges, "S")
        try bench.values(.saveBeamTilt)
        try bench.values(.setBeamTilt, 2.0, 1.0)
        try bench.values(.setFrameBaseName, 0, 1, 0, "short")
        try bench.values(.setVariable, "x", "5")
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.goToLowDoseArea, "V")
        try bench.values(.setSpotSize, 3)
        _ = try bench.run(.exit, [.integer(1)])
        #expect(try bench.numbers(.reportExposure, "R") == [2.4, 0])
        #expect(try bench.numbers(.reportBinning, "V") == [1])
        #expect(try bench.numbers(.reportExposure, "S") == [3, 0])
        #expect(try bench.numbers(.reportBeamTilt) == [0, 0])
        #expect(try bench.values(.reportFrameBaseName) == [.number(0), .text(""), .number(0)])
        #expect(try bench.problem(.getVariable, "x").contains("not defined"))
        try bench.values(.goToLowDoseArea, "R")
        try bench.values(.goToLowDoseArea, "V")
        #expect(try bench.numbers(.reportSpotSize) == [7])
    }

    @Test func `changes of a low dose area that are to be kept are kept`() throws {
        let bench = try ProgramBench()
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.goToLowDoseArea, "V")
        try bench.values(.updateLowDoseParams, "V", 1)
        try bench.values(.setSpotSize, 3)
        bench.program.controlEnded()
        try bench.values(.goToLowDoseArea, "R")
        try bench.values(.goToLowDoseArea, "View")
        #expect(try bench.numbers(.reportSpotSize) == [3])
    }

    @Test func `a camera set is restored by itself when asked`() throws {
        let bench = try ProgramBench()
        try bench.values(.setExposure, "F", 3.0, 0.5)
        #expect(try bench.numbers(.reportExposure, "F") == [3, 0.5])
        try bench.values(.restoreCameraSet, "F")
        #expect(try bench.numbers(.reportExposure, "F") == [0.5, 0])
    }

    @Test func `too few entries are told`() throws {
        let bench = try ProgramBench()
        #expect(
            try bench.problem(.moveStageTo, 1.0)
                == "The command needs 2 entries and came with 1, in line:\r\n\r\nMoveStageTo(1.)")
    }

    @Test func `variables are numbers where they look like numbers`() throws {
        let bench = try ProgramBench()
        try bench.values(.setVariable, "Number", "2.50")
        try bench.values(.setVariable, "word", "two")
        #expect(try bench.values(.getVariable, "NUMBER") == [.number(2.5)])
        #expect(try bench.values(.getVariable, "word") == [.text("two")])
        #expect(try bench.values(.getVariable, "SimulatedFiles") == [.text(bench.folder.path)])
        #expect(try bench.problem(.setVariable, "simulatedFiles", "/tmp").contains("cannot be set"))
    }

    @Test func `a delay without a unit is seconds up to sixty and milliseconds above`() throws {
        let bench = try ProgramBench()
        func seconds(_ amount: Double, _ unit: String? = nil) throws -> Double {
            let begun = bench.executor.now
            _ = try bench.run(.delay, [.real(amount)] + (unit.map { [.text($0)] } ?? []))
            return (bench.executor.now.sinceStart - begun.sinceStart) / .seconds(1)
        }
        #expect(try seconds(60) == 60)
        #expect(try seconds(61) == 0.061)
        #expect(try seconds(90, "sec") == 90)
        #expect(try seconds(2, "min") == 120)
        #expect(try seconds(20, "msec") == 0.02)
    }

    @Test func `questions take no time`() throws {
        let bench = try ProgramBench()
        let begun = bench.executor.now
        for command in [SerialEMCommand.reportStageXYZ, .reportMag, .reportColumnOrGunValve, .isPVPRunning, .reportLoadedSlot] {
            try bench.values(command)
        }
        #expect(bench.executor.now == begun)
    }

    @Test func `a fast program lives through the column's time all the same`() throws {
        let executor = SeededExecutor(seed: 1)
        let folder = try TemporaryFolder()
        let column = SimulatedColumn(seed: 7)
        let program = SimulatedSerialEM(
            column: column, camera: RenderingCamera(size: 32, renderer: InlineRenderer()), directory: folder.path,
            clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) }, speed: 60)
        let client = program.clientCame()
        let stamp = try executor.complete { () -> SerialEMOutcome in
            _ = await program.run(SerialEMCommand.loadCartridge.rawValue, [.integer(1)], client: client)
            _ = await program.run(SerialEMCommand.setColumnOrGunValve.rawValue, [.integer(1)], client: client)
            _ = await program.run(SerialEMCommand.trial.rawValue, [], client: client)
            return await program.run(
                SerialEMCommand.reportMetadataString.rawValue, [.text("A"), .text("TimeStamp")], client: client)
        }
        guard case .done(let values) = stamp, case .text(let text)? = values.first, let seconds = Double(text) else {
            Issue.record("\(stamp)")
            return
        }
        #expect(seconds == 123)
        #expect((executor.now.sinceStart / .seconds(1)) < 2.2)
        #expect(executor.strays == 0)
    }

    @Test func `a problem waits behind a box and loses its words until a client asks for answers`() throws {
        let trouble = SerialEMFault(.messageBox, command: "SetSpotSize", seconds: 90, times: 3)
        let shot = SerialEMFault(.messageBox, command: "View")
        let bench = try ProgramBench(faults: [trouble, shot])
        let begun = bench.executor.now.sinceStart
        #expect(try bench.run(.setSpotSize, [.integer(3)]) == .failed(""))
        #expect(bench.executor.now.sinceStart - begun == .seconds(90))
        #expect(try bench.run(.view, []) == .stopped)
        try bench.values(.noMessageBoxOnError, 1)
        #expect(try bench.problem(.setSpotSize, 3).contains("Timeout getting an image from the camera"))
        bench.program.controlEnded()
        #expect(try bench.run(.setSpotSize, [.integer(3)]) == .failed(""), "control began anew")
    }

    @Test func `where problems go into boxes, so does every refusal until a client asks for answers`() throws {
        var settings = ProgramSettings()
        settings.putsProblemsIntoBoxes = true
        let bench = try ProgramBench(setup: settings)
        #expect(try bench.run(.copy, [.text("U"), .text("A")]) == .failed(""))
        try bench.values(.noMessageBoxOnError)
        #expect(try bench.problem(.copy, "U", "A") == "Improper buffer letter U in statement:\r\n\r\nCopy(U, A)")
    }

    @Test func `the operator's stop comes before a command or after it`() throws {
        let bench = try ProgramBench(
            faults: [
                SerialEMFault(.operatorStop, command: "SetSpotSize", number: 1),
                SerialEMFault(.operatorStop, command: "SetSpotSize", number: 2, moment: .after),
            ])
        #expect(try bench.run(.setSpotSize, [.integer(3)]) == .stopped)
        #expect(try bench.numbers(.reportSpotSize) == [5])
        #expect(try bench.run(.setSpotSize, [.integer(3)]) == .stopped)
        #expect(try bench.numbers(.reportSpotSize) == [3])
    }

    @Test func `the program is a version and knows what is older and newer`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.isVersionAtLeast, "40200") == [1])
        #expect(try bench.numbers(.isVersionAtLeast, "40300") == [1])
        #expect(try bench.numbers(.isVersionAtLeast, "40400", "20260101") == [0])
    }

    @Test func `boxes for the operator and programs on the computer are refused`() throws {
        let bench = try ProgramBench()
        #expect(try bench.problem(.yesNoBox, "Go on?").contains("Nobody"))
        #expect(try bench.problem(.runInShell, "format C:").contains("cannot be run"))
        #expect(try bench.problem(.call, "MyScript").contains("MyScript"))
    }

    @Test func `a client that comes later replaces the one before and has a higher number`() throws {
        let bench = try ProgramBench()
        #expect(bench.program.clientCame() == 2)
        bench.program.clientWent(1)
        #expect(bench.column.connectedClient == 2)
        bench.program.clientWent(2)
        #expect(bench.column.connectedClient == nil)
        #expect(bench.column.ledger.map(\.kind) == [.connect, .disconnect, .connect, .disconnect])
    }

    @Test func `numbers that are no numbers do no harm`() throws {
        let bench = try ProgramBench.ready(size: 32)
        for command in SerialEMCommand.allCases where command != .exit && command != .delay {
            for value in [Double.nan, .infinity, -.infinity, 1e300, -1e18] {
                let arguments = (0..<6).map { _ in SerialEMArgument(number: value, text: "A") }
                _ = try bench.run(command, arguments)
            }
        }
        for row in SimulatedSerialEM.scriptRows {
            for value in [Double.nan, .infinity, -.infinity, 1e300, -1e18] {
                let (program, client) = (bench.program, bench.client)
                let arguments = (0..<6).map { _ in SerialEMArgument(number: value, text: "A") }
                _ = try bench.executor.complete { await program.run(row.code, arguments, client: client) }
            }
        }
        #expect(try bench.numbers(.reportStageXYZ).allSatisfy { abs($0) <= 1000 })
    }
}
