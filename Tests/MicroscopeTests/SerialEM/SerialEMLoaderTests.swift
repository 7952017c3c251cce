import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

@testable import Microscope

/// Which grid is on the stage, on SerialEMs that tell it and on those that do not.
@Suite struct SerialEMLoaderTests {
    private func bench(
        _ kind: SerialEMKind, version: SerialEMVersion? = nil, knowsSlots: Bool = true, emptySlots: Set<Int> = [],
        faults: [SimulatedFault] = [], link: [SerialEMFault] = []
    ) throws -> WireBench {
        var setup = kind.setup
        setup.knowsSlots = knowsSlots
        if let version { setup.version = version }
        let bench = try WireBench(vendor: kind.vendor, emptySlots: emptySlots, faults: faults, link: link, setup: setup)
        try bench.run { try await $0.connect(greeting: "test") }
        return bench
    }

    private func sent(_ bench: WireBench, _ names: String...) -> [String] {
        bench.column.ledger.filter { $0.kind == .command && names.contains($0.name ?? "") }.map {
            ([$0.name ?? ""] + ($0.args ?? [])).joined(separator: " ")
        }
    }

    @Test(arguments: SerialEMKind.allCases) func `what was loaded is on the stage, and its slot says so`(_ kind: SerialEMKind)
        throws
    {
        let bench = try bench(kind, emptySlots: [2])
        try bench.run { try await $0.load(slot: 3) }
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
        let slots = try bench.run { try await $0.slots() }
        #expect(slots.prefix(3).map(\.state) == [.occupied, .empty, .onStage])
        try bench.run { try await $0.load(slot: 1) }
        #expect(try bench.run { try await $0.loadedSlot() } == 1)
        #expect(bench.column.cartridgeOnStage == 1)
    }

    @Test(arguments: SerialEMKind.allCases) func `a load is still known over another connection`(_ kind: SerialEMKind) throws {
        let bench = try bench(kind)
        try bench.run { scope in
            try await scope.load(slot: 3)
            await scope.disconnect()
        }
        let other = bench.other
        let loaded = try bench.executor.complete {
            try await other.connect(greeting: "another process")
            return try await other.loadedSlot()
        }
        #expect(loaded == 3)
        // Asked for again it stays where it is.
        try bench.executor.complete { try await other.load(slot: 3) }
        #expect(sent(bench, "LoadCartridge") == ["LoadCartridge 3"])
    }

    @Test func `an inventory is taken once in a run, before the first question to the loader`() throws {
        let bench = try bench(.jeol)
        try bench.run { scope in
            _ = try await scope.stagePosition()
            try await scope.load(slot: 3)
            _ = try await scope.slots()
            try await scope.connect(greeting: "again")
            _ = try await scope.loadedSlot()
        }
        let asked = sent(bench, "LongOperation", "ReportLoadedSlot", "LoadCartridge", "Echo")
        #expect(
            asked.filter { !$0.hasPrefix("ReportSlotStatus") }.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
                == [
                    "Echo test", "LongOperation IN", "ReportLoadedSlot", "LoadCartridge 3", "ReportLoadedSlot", "Echo again",
                    "ReportLoadedSlot",
                ])
    }

    @Test func `a SerialEM that was started anew since takes the inventory again`() throws {
        let forgotten = SerialEMFault(.messageBox, command: "ReportSlotStatus", number: 13)
        let bench = try bench(.jeol, link: [forgotten])
        try bench.run { scope in
            _ = try await scope.slots()
            try await scope.connect(greeting: "again")
            _ = try await scope.loadedSlot()
        }
        #expect(sent(bench, "LongOperation").count == 2)
    }

    @Test func `an older SerialEM on a JEOL column is told by the inventory`() throws {
        let bench = try bench(.jeol, version: .v4_1)
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
        try bench.run { try await $0.load(slot: 3) }
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
        #expect(sent(bench, "SetPersistentVar").isEmpty)
    }

    @Test(arguments: [(SerialEMVersion.v4_1, true, StageGap.version), (.v4_2, true, .version), (.v4_3, false, .utapi)])
    func `why SerialEM cannot tell is known after it was asked once`(
        _ version: SerialEMVersion, _ hasUTAPI: Bool, _ gap: StageGap
    ) throws {
        var setup = ProgramSettings()
        setup.version = version
        setup.hasUTAPI = hasUTAPI
        let bench = try WireBench(setup: setup)
        try bench.run { scope in
            try await scope.connect(greeting: "test")
            _ = try await scope.slots()
            _ = try await scope.slots()
        }
        #expect(bench.scope.stageGap == gap)
        #expect(bench.column.ledger.count { $0.name == "ReportLoadedSlot" } == 1)
    }

    @Test func `a slot that reads empty may be on the stage, is not loaded, and is believed when a person says so`() throws {
        let bench = try bench(.thermoFisher41, emptySlots: [2])
        // Loaded by hand, or by a SerialEM that was started anew since.
        bench.column.change { $0.putOnStage(3) }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
        #expect(try bench.run { try await $0.slots() }.prefix(4).map(\.state) == [.occupied, .unclear, .unclear, .occupied])
        #expect(try bench.problem { try await $0.load(slot: 3) } == .slotEmpty(slot: 3))
        try bench.run { try await $0.noteLoaded(slot: 3) }
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
        #expect(try bench.run { try await $0.slots() }.prefix(4).map(\.state) == [.occupied, .empty, .onStage, .occupied])
        try bench.run { try await $0.load(slot: 3) }
        #expect(sent(bench, "LoadCartridge").isEmpty)
    }

    @Test func `over another connection a load is remembered, not known, and forgotten when in doubt`() throws {
        let bench = try bench(.thermoFisher41)
        try bench.run { scope in
            try await scope.load(slot: 3)
            try await scope.connect(greeting: "again")
        }
        #expect(try bench.run { try await $0.slots() }.prefix(3).map(\.state) == [.occupied, .occupied, .remembered])
        try bench.run { try await $0.forgetLoaded() }
        #expect(try bench.run { try await $0.slots() }.prefix(3).map(\.state) == [.occupied, .occupied, .unclear])
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
    }

    @Test func `what another session loaded is a hint`() throws {
        let bench = try bench(.thermoFisher41)
        try bench.run { scope in
            scope.serve("20261129_first")
            try await scope.load(slot: 3)
            try await scope.connect(greeting: "again")
        }
        #expect(try bench.run { try await $0.slots() }[2].state == .remembered)
        bench.scope.serve("20261129_second")
        #expect(try bench.run { try await $0.slots() }[2].state == .hinted)
        bench.scope.serve("20261129_first")
        #expect(try bench.run { try await $0.slots() }[2].state == .remembered)
    }

    @Test func `of slots that the loader has not looked into, the one that was loaded from is unclear over another connection`()
        throws
    {
        let bench = try bench(.thermoFisher41, knowsSlots: false)
        try bench.run { try await $0.load(slot: 3) }
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.run { try await $0.slots() }.prefix(4).map(\.state) == [.untold, .untold, .unclear, .untold])
        // Another one can be loaded, as nothing says that it is not there.
        try bench.run { try await $0.load(slot: 4) }
        #expect(sent(bench, "LoadCartridge") == ["LoadCartridge 3", "LoadCartridge 4"])
    }

    @Test func `a SerialEM that no longer takes the variable is not believed with what it holds`() throws {
        let bench = try bench(
            .thermoFisher41, link: [SerialEMFault(.messageBox, command: "SetPersistentVar", number: 4, times: 100)])
        try bench.run { try await $0.load(slot: 3) }
        try bench.run { try await $0.forgetLoaded() }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
    }

    @Test func `a SerialEM that tells what is on the stage keeps nothing from the time when it could not`() throws {
        let bench = try bench(.thermoFisherWithUTAPI)
        let kept = try bench.run { scope in
            _ = try await scope.call(.setPersistentVar, .text("gridpilotSlot"), .text("3"))
            _ = try await scope.loadedSlot()
            _ = try await scope.slots()
            return try await scope.call(.getVariable, .text("gridpilotSlot")).values
        }
        #expect(kept == [.number(0)] || kept == [.text("0")])
        #expect(sent(bench, "SetPersistentVar").count == 2)
    }

    @Test(arguments: ["SetPersistentVar", "ClearPersistentVars"])
    func `a wrong answer about the stage is taken back in SerialEM, and the slot is unclear again`(_ command: String) throws {
        let bench = try bench(.thermoFisher41)
        bench.column.change { $0.putOnStage(5) }
        try bench.run { scope in
            try await scope.noteLoaded(slot: 5)
            if command == "SetPersistentVar" {
                _ = try await scope.call(.setPersistentVar, .text("gridpilotSlot"), .text("0"))
            } else {
                _ = try await scope.call(.clearPersistentVars)
            }
        }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
        #expect(try bench.run { try await $0.slots() }[4].state == .unclear)
    }

    @Test func `a grid that somebody put back by hand is not taken for the one on the stage`() throws {
        let bench = try bench(.thermoFisher41)
        try bench.run { try await $0.load(slot: 3) }
        bench.column.change { $0.putOnStage(nil) }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
        // Nor later, when its slot reads empty for another reason.
        bench.column.change { $0.putOnStage(3) }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
        bench.column.change { $0.putOnStage(nil) }
        try bench.run { try await $0.load(slot: 3) }
        #expect(bench.column.cartridgeOnStage == 3)
    }

    @Test func `a link that breaks while a cartridge is loaded leaves nothing remembered`() throws {
        let bench = try bench(.thermoFisher41, link: [SerialEMFault(.hangUp, command: "LoadCartridge", number: 2)])
        try bench.run { try await $0.load(slot: 1) }
        #expect(try bench.problem { try await $0.load(slot: 3) }?.losesLink == true)
        bench.executor.run(for: .seconds(1000))
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
    }

    @Test func `a cartridge that does not arrive is a jam although the loader says nothing`() throws {
        let bench = try bench(.thermoFisher41, faults: [SimulatedFault(.wrongCartridge, slot: 3)])
        #expect(try bench.problem { try await $0.load(slot: 3) } == .loaderJam(slot: 3))
        #expect(try bench.run { try await $0.loadedSlot() } == nil)
    }

    @Test func `what SerialEM does not keep is kept here`() throws {
        let refusal = SerialEMFault(.messageBox, command: "SetPersistentVar", times: 100)
        let bench = try bench(.thermoFisher41, link: [refusal])
        try bench.run { scope in
            try await scope.load(slot: 3)
            try await scope.connect(greeting: "again")
        }
        #expect(try bench.run { try await $0.loadedSlot() } == 3)
    }
}
