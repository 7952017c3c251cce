import Microscope
import RunModel

/// Brings the grid's cartridge onto the stage and checks that it is there; then the column is made ready.
struct LoadGrid {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        run.tell(StepReading(step: .load, grid: grid.id, detail: "slot \(grid.slot)", begunAt: run.now()))
        // Before anything is made or loaded: there is nothing to gain from a grid whose images have no room.
        try await run.waitForDisk(grid.id)
        try await makeDirectories(run)
        try await ReadCassette(grid: grid, column: column).carryOut(run)
        let loaded = try await column.loadedSlot()
        if loaded != grid.slot {
            try await exchange(of: loaded, run)
        } else if run.othersMayHaveLoaded {
            // Somebody else's run had the microscope since this session's last one, and may have put it there.
            try run.forgetPlace(of: grid.id)
        }
        run.noteOwnLoad()
        try run.checkpoint()
        try await column.waitUntilUsable(on: grid.id, afterLoad: loaded != grid.slot)
    }

    private func exchange(of loaded: Int?, _ run: isolated RunContext) async throws(RunEnd) {
        let slots = try run.known().cassette?.slots ?? []
        if slots.first(where: { $0.slot == grid.slot })?.state == .empty { throw .microscope(.slotEmpty(slot: grid.slot)) }
        try run.log(.info, "loader", "Loading the cartridge of slot \(grid.slot)")
        // The loader's gripper meets the stage level only, and not every program can tell whether it is free.
        try await column.tilt(to: 0)
        // Before the loader is told: wherever this run ends, the next one looks how the grids lie.
        try run.forgetPlace(of: grid.id)
        let state = try run.known()
        if let leaving = state.grids.first(where: { $0.grid.slot == loaded })?.grid.id { try run.forgetPlace(of: leaving) }
        try await column.load(slot: grid.slot)
        try await verify(run)
    }

    private func makeDirectories(_ run: isolated RunContext) async throws(RunEnd) {
        let directories = grid.directories(of: try run.known().session)
        while true {
            do throws(RunFileError) {
                return try await run.files.makeDirectories(directories)
            } catch {
                // A disk that is silent or away for a while costs no grid; one that can be measured has said what is wrong with the folder.
                guard try await run.waitWhileSilent(grid.id) || error.isSilence else { throw .grid(Failure(error)) }
            }
        }
    }

    /// The right slot's cartridge is on the stage, and it is the one that was read there.
    private func verify(_ run: isolated RunContext) async throws(RunEnd) {
        guard let loaded = try await column.loadedSlot() else { throw .microscope(.loaderJam(slot: grid.slot)) }
        guard loaded == grid.slot else { throw .grid(Failure(LoaderProblem.otherSlot(asked: grid.slot, found: loaded))) }
        let expected = try run.known().cassette?.slots.first { $0.slot == grid.slot }?.name
        let found = try await column.slots().first { $0.slot == grid.slot }?.name
        if let expected, let found, expected != found {
            throw .grid(Failure(LoaderProblem.otherName(slot: grid.slot, expected: expected, found: found)))
        }
        try run.log(.info, "loader", "The cartridge of slot \(grid.slot)\(found.map { ", \($0)," } ?? "") is on the stage")
    }
}
