import RunModel

extension SerialEMCheck {
    func loader() async throws(MicroscopeError) {
        guard try await hasInventory() else {
            return tell(
                CheckLine(
                    "loader", .notAsked, "The loader has no inventory yet, and taking it moves the loader.",
                    remedy: "Check again with --inventory. A session takes it by itself."))
        }
        try await ask("stage grid") { () throws(MicroscopeError) in
            let stage = try await scope.stage()
            let found = stage.slot.map { "The grid of slot \($0) is on the stage." }
            switch (stage, scope.stageGap) {
            case (.empty, _): return CheckLine("stage grid", .ok, "No grid is on the stage.")
            case (_, nil): return CheckLine("stage grid", .ok, found ?? "")
            case (_, let gap?): return try await remembering(gap, found)
            }
        }
        try await ask("cassette") { () throws(MicroscopeError) in
            let full = try await scope.slots().filter { $0.state != .empty && $0.state != .unclear }
            let names = full.map { slot in "slot \(slot.slot)\(slot.name.map { " \($0)" } ?? "")" }
            return CheckLine(
                "cassette", .ok, names.isEmpty ? "It holds no grid." : "It holds grids: \(names.joined(separator: ", ")).")
        }
    }

    /// Asked without taking one: SerialEM may have one already.
    private func hasInventory() async throws(MicroscopeError) -> Bool {
        guard scope.maker.needsInventory, !takesInventory else { return true }
        do throws(MicroscopeError) { try await scope.call(.reportSlotStatus, .integer(scope.maker.number(of: 1))) } catch {
            guard error.isRefusal else { throw error }
            return false
        }
        scope.believeInventory()
        return true
    }

    /// A SerialEM that cannot tell must at least keep what it is told.
    private func remembering(_ gap: StageGap, _ found: String?) async throws(MicroscopeError) -> CheckLine {
        let reason =
            switch gap {
            case .version: "This SerialEM has no command ReportLoadedSlot"
            case .utapi: "SerialEM does not reach the loader through UTAPI"
            }
        let keeps = scope.maker.tellsStations ? true : try await scope.keepsVariables()
        let rest =
            found.map { "\($0)" } ?? "Which grid is on the stage is asked of a person where its slot is to be imaged."
        return CheckLine(
            "stage grid", keeps ? .ok : .problem,
            "\(reason), so loads are remembered\(keeps ? " in SerialEM" : " by GridPilot alone"). \(rest)", remedy: gap.remedy)
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
