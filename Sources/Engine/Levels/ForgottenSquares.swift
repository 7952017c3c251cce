import RunModel

/// Movies of squares that the store has not searched: it was put back from a copy that is older than they are.
///
/// A new search gives its holes other numbers, so nothing tells any more which of them had their dose: a person does, once for the grid and
/// before anything of it is imaged. What the store knows the holes of is settled hole by hole, by `ForgottenMovie`.
struct ForgottenSquares {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let exposures = try await exposures(run)
        let searched = Set(try run.grid(grid.id).holes.map(\.id.square.number))
        let forgotten = exposures.filter { !searched.contains($0.key) }
        guard !forgotten.isEmpty else { return try run.withdraw(.imagedBefore, because: "no exposure is unknown") }
        let count = forgotten.values.reduce(0, +)
        let squares = forgotten.keys.sorted().map(String.init).joined(separator: ", ")
        let cause =
            "The folder of grid \(grid.slot) has traces of \(count) \(count == 1 ? "exposure" : "exposures") of square \(squares), "
            + "which the store has not searched."
        try run.log(.warning, "grid", cause)
        let effect = try await run.ask(Question(.imagedBefore, grid: grid.id, cause: cause))
        switch effect {
        case .resume: return
        case .acceptCassette, .skipGrid, .endGrid, .settleExposure, .tryAgain, .followPlan, .nothing:
            let by = try run.known().lastAnswer?.by ?? "somebody"
            throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by)))
        }
    }

    /// How many exposures of each square left something in the grid's folder. A disk that does not answer is waited for.
    private func exposures(_ run: isolated RunContext) async throws(RunEnd) -> [Int: Int] {
        let session = try run.known().session
        var hasWaited = false
        while true {
            do throws(RunFileError) {
                // Another folder at the same path has none of them.
                try await run.lookAtFolder(of: session)
                let names = try await run.files.names(in: "\(session.directory)/\(grid.directory)/movies")
                try await run.lookAtFolder(of: session)
                if hasWaited { try? run.endSilence(grid.id) }  // what cannot be written shows at the next record
                return DoseLedger.exposures(in: names, grid: grid)
            } catch {
                try run.checkpoint()
                hasWaited = true
                guard try await run.waitOut(error, grid.id), case .missing = error else { continue }
                // The session's folder is there and the grid's is not: nobody else makes it anew.
                try? await run.files.makeDirectories(grid.directories(of: session))  // the next look says so
            }
        }
    }
}
