import RunModel
import Store

// What may be changed of a session that exists: it counts from the next item on.
extension RunSession {
    /// `seen`: the settings that were changed into `wanted`; refused where somebody else was quicker.
    func changeSettings(
        from seen: GridSettings, to wanted: GridSettings, by person: String, command: CommandID
    ) throws(EngineError) {
        let state = try state()
        guard state.session.settings == seen else { throw .settingsChanged }
        let objections = SettingsRule.objections(
            to: wanted, of: state, hasExposures: try hasExposures(state), isLiving: isLiving)
        guard objections.isEmpty else { throw .settings(objections.joined(separator: " ")) }
        // Pressed twice, or by two people who wanted the same.
        guard wanted != seen else { return }
        try recordOutside(
            [.settingsChanged(SettingsChanged(settings: wanted, by: person))],
            [LogLine(.info, "session", "\(person) changed the settings: \(GridSettings.changes(from: seen, to: wanted))")],
            command: command, afterwards: { [changes] in changes.signal() })
        changes.signal()
    }

    func archive(_ archived: Bool, by person: String, command: CommandID) throws(EngineError) {
        guard !isLiving else { throw .alreadyRunning(id) }
        guard archived != (try state().archived == true) else { return }
        try recordOutside(
            [.sessionArchived(SessionArchived(archived: archived, by: person))],
            [
                LogLine(
                    .info, "session", "\(person) \(archived ? "archived this session" : "took this session out of the archive")")
            ],
            command: command)
    }

    /// As the last one, so that the order of those that are there stays.
    func add(_ grid: Grid, by person: String, command: CommandID) throws(EngineError) {
        let state = try state()
        if let other = state.grids.first(where: { $0.grid.slot == grid.slot }) { throw .gridTaken(other.grid, what: "position") }
        try checkName(grid, state)
        try checkRecipe(grid)
        try recordOutside(
            [.gridAdded(GridDescribed(grid: grid, by: person))] + refreshed(state) { $0.grids.append(GridSummary(grid)) },
            [LogLine(.info, "grid", "\(person) added grid \(grid.slot) \(grid.name)")], command: command,
            afterwards: { [changes] in changes.signal() })
        changes.signal()
    }

    /// The name at any time; the rest while no run is at the grid, since steps read it as they begin. `wanted` is whole.
    func change(_ wanted: Grid, by person: String, command: CommandID) throws(EngineError) {
        let state = try state()
        let summary = try grid(wanted.id, state)
        let old = summary.grid
        var grid = wanted
        grid.slot = old.slot
        grid.filesNamedFor = old.filesNamedFor
        if grid.name != old.name {
            try checkName(grid, state)
            // What was imaged is found by the folder's name, also by a store that was put back from before the change.
            grid.filesNamedFor = old.filesNamedFor ?? old.name
            if grid.filesNamedFor == grid.name { grid.filesNamedFor = nil }
        }
        var unnamed = grid
        (unnamed.name, unnamed.filesNamedFor) = (old.name, old.filesNamedFor)
        if unnamed != old, summary.status.isUnderWay { throw .grid(old, "is being imaged: only its name can be changed now") }
        if grid.holeType != old.holeType, try !journal.grid(old.id).micrographs.isEmpty {
            throw .grid(old, "has been exposed: the exposures of a hole lie by its hole type")
        }
        if grid.recipe != old.recipe { try checkRecipe(grid) }
        guard grid != old else { return }
        try recordOutside(
            [.gridChanged(GridDescribed(grid: grid, by: person))],
            [LogLine(.info, "grid", "\(person) changed grid \(old.slot) \(old.name): \(grid.changes(from: old))")],
            command: command,
            afterwards: { [changes] in changes.signal() })
        changes.signal()
    }

    /// `order` names every grid once. The one on the stage is finished first all the same, as that costs no load.
    func order(_ order: [GridID], by person: String, command: CommandID) throws(EngineError) {
        let state = try state()
        guard order.count == state.grids.count, Set(order) == Set(state.grids.map(\.grid.id)) else { throw .gridOrder }
        guard order != state.grids.map(\.grid.id) else { return }
        let slots = order.map { String($0.slot) }.joined(separator: ", ")
        try recordOutside(
            [.gridsOrdered(GridsOrdered(order: order, by: person))]
                + refreshed(state) { state in state.grids = order.compactMap { id in state.grids.first { $0.grid.id == id } } },
            [LogLine(.info, "grid", "\(person) put the grids into this order: \(slots)")], command: command,
            afterwards: { [changes] in changes.signal() })
        changes.signal()
    }

    /// What an open question says of the next grid, once `change` is true.
    private func refreshed(_ state: SessionState, _ change: (inout SessionState) -> Void) -> [RunEvent] {
        guard var prompt = state.prompt, prompt.kind == .gridFinished else { return [] }
        var changed = state
        change(&changed)
        prompt.refresh(changed)
        return prompt == state.prompt ? [] : [.promptUpdated(prompt)]
    }

    private func hasExposures(_ state: SessionState) throws(EngineError) -> Bool {
        for summary in state.grids where try !journal.grid(summary.grid.id).micrographs.isEmpty { return true }
        return false
    }

    private func checkName(_ grid: Grid, _ state: SessionState) throws(EngineError) {
        let other = state.grids.first { $0.grid.id != grid.id && $0.grid.name.lowercased() == grid.name.lowercased() }
        if let other { throw .gridTaken(other.grid, what: "name") }
    }

    private func checkRecipe(_ grid: Grid) throws(EngineError) {
        guard parts.recipes[grid.recipe] == nil else { return }
        throw .recipe("Grid \(grid.slot) asks for the recipe '\(grid.recipe)', which this facility does not have.")
    }
}

extension Grid {
    /// For a log line: `name gpcr_B2 → gpcr_B3`.
    fileprivate func changes(from old: Grid) -> String {
        [
            name == old.name ? nil : "name \(old.name) → \(name)",
            recipe == old.recipe ? nil : "recipe \(old.recipe) → \(recipe)",
            holeType == old.holeType ? nil : "hole type \(old.holeType ?? "unknown") → \(holeType ?? "unknown")",
            meshMaterial == old.meshMaterial ? nil : "mesh \(old.meshMaterial ?? "unknown") → \(meshMaterial ?? "unknown")",
        ].compactMap(\.self).joined(separator: ", ")
    }
}

extension GridSettings {
    /// For a log line, by the names of the wire: `squaresPerGrid 3 → 5`.
    fileprivate static func changes(from old: GridSettings, to new: GridSettings) -> String {
        func rows(_ settings: GridSettings, _ prefix: String = "") -> [(String, String)] {
            Mirror(reflecting: settings).children.flatMap { child in
                let name = child.label ?? ""
                if let value = child.value as? DefocusRange {
                    return [("defocus", "\(value.weakest.written) to \(value.strongest.written) in \(value.step.written) µm")]
                }
                if let value = child.value as? MovieSettings {
                    return [("movie", "\(value.frames) frames, \(value.exposureTime.written) s, \(value.dose.written) e/Å²")]
                }
                return [(name, (child.value as? Length)?.written ?? "\(child.value)")]
            }
        }
        return zip(rows(old), rows(new)).filter { $0.1 != $1.1 }.map { "\($0.0) \($0.1) → \($1.1)" }.joined(separator: "; ")
    }
}
