import RunModel

extension SerialEMCheck {
    var loader: [CheckQuestion] { [CheckQuestion("stage grid", stageGrid), CheckQuestion("cassette", cassette)] }

    private func stageGrid() async throws(MicroscopeError) -> CheckLine {
        guard try await hasInventory() else { return Self.withoutInventory("stage grid") }
        let stage = try await scope.stage()
        if let gap = scope.stageGap, stage != .empty { return try await remembering(gap, stage) }
        return CheckLine("stage grid", .ok, stage.found ?? "No grid is on the stage.")
    }

    private func cassette() async throws(MicroscopeError) -> CheckLine {
        guard try await hasInventory() else { return Self.withoutInventory("cassette") }
        let slots = try await scope.slots()
        func named(_ states: Set<SlotReport.State>) -> String? {
            let found = slots.filter { states.contains($0.state) }
            let words = found.map { slot in "slot \(slot.slot)\(slot.name.map { " \($0)" } ?? "")" }
            return words.isEmpty ? nil : words.joined(separator: ", ")
        }
        let held = named([.occupied, .onStage]).map { "It holds grids: \($0)." }
        if let untold = named([.untold]) {
            return CheckLine(
                "cassette", .notAsked,
                [held, "The loader has not looked into \(untold)."].compactMap(\.self).joined(separator: " "),
                remedy: "Have the loader take its inventory; else a session finds out by loading.")
        }
        guard let unclear = named([.unclear, .remembered, .hinted]) else {
            return CheckLine("cassette", .ok, held ?? "It holds no grid.")
        }
        return CheckLine(
            "cassette", .ok,
            [held, "Unclear: \(unclear). What is on the stage has left a slot that reads empty."].compactMap(\.self)
                .joined(separator: " "),
            remedy: "Where such a slot is to be imaged, the run asks a person whether its grid is on the stage.")
    }

    private static func withoutInventory(_ subject: String) -> CheckLine {
        CheckLine(
            subject, .notAsked, "The loader has no inventory yet, and taking it moves the loader.",
            remedy: "Check again with --inventory. A session takes it by itself.")
    }

    /// Asked without taking one: SerialEM may have one already.
    private func hasInventory() async throws(MicroscopeError) -> Bool {
        guard scope.maker.needsInventory, !takesInventory else { return true }
        guard try await scope.keepsInventory() else { return false }
        scope.believeInventory()
        return true
    }

    /// A SerialEM that cannot tell must at least keep what it is told.
    private func remembering(_ gap: StageGap, _ stage: StageKnowledge) async throws(MicroscopeError) -> CheckLine {
        let reason =
            switch gap {
            case .version: "This SerialEM has no command ReportLoadedSlot"
            case .utapi: "SerialEM does not reach the loader through UTAPI"
            }
        let rest =
            stage.found ?? "Which grid is on the stage is asked of a person where a slot that is to be imaged reads empty."
        if scope.maker.tellsStations {
            return CheckLine("stage grid", .ok, "\(reason), so the inventory is asked instead. \(rest)", remedy: gap.remedy)
        }
        guard try await scope.keepsVariables() else {
            return CheckLine(
                "stage grid", .problem, "\(reason) and keeps no variables, so loads are forgotten when GridPilot ends. \(rest)",
                remedy: gap.remedy)
        }
        return CheckLine("stage grid", .ok, "\(reason), so loads are remembered in SerialEM. \(rest)", remedy: gap.remedy)
    }
}

extension StageKnowledge {
    fileprivate var found: String? {
        switch self {
        case .cartridge(let slot): "The grid of slot \(slot) is on the stage."
        case .remembered(let slot, _): "By that, the grid of slot \(slot) is on the stage; a new session asks."
        case .empty, .unknown: nil
        }
    }
}

extension StageGap {
    fileprivate var remedy: String {
        switch self {
        case .version: "SerialEM 4.3 of July 2026 or later can tell; on a Thermo Fisher column it needs UTAPI for it."
        case .utapi: "Set UseUtapiScripting 1 in SerialEM's properties where the microscope has UTAPI."
        }
    }
}
