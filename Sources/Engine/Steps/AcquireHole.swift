import Microscope
import RunModel

extension RunSession {
    /// A hole: centred, seen in View, and exposed as often as the session asks.
    func acquireHole(_ id: TargetID, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        guard let target = try self.grid(grid.id).target(id) else { return }
        try await waitForColumn(grid.id, scope)
        try await makeReady(for: .hole, scope)
        for step in recipe.hole {
            try checkpoint()
            if step == .acquireView {
                let image = try await acquire(
                    .view, named: "\(grid.fileName)_square\(id.square.number)_hole\(id.number)", of: target, grid, scope)
                try record([.targetChanged(TargetChanged(target: id, status: .acquiring, image: image))])
            } else if step == .autofocus || step == .waitForDrift {
                _ = try await settleBeam(step, at: target, aim: try known().session.settings.defocus.weakest, grid, scope)
            } else {
                try await prepare(step, at: target, of: grid, scope)
            }
        }
        try await exposeHole(target, of: grid, recipe, scope)
        try await finishHole(target, of: grid, scope)
    }

    private func exposeHole(_ target: Target, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        let wanted = try known().session.settings.exposuresPerHole
        if DoseLedger.remaining(of: wanted, try micrographs(of: target.id)) > 0 {
            try await tiltForExposures(at: target, of: grid, recipe, scope)
        }
        while true {
            try checkpoint()
            let taken = try micrographs(of: target.id)
            guard DoseLedger.remaining(of: wanted, taken) > 0 else { return }
            try await expose(DoseLedger.next(in: target.id, of: taken), of: wanted, at: target, grid, recipe, scope)
        }
    }

    private func finishHole(_ target: Target, of grid: Grid, _ scope: Scope) async throws(RunEnd) {
        // Before the outcome is written: what the hole has is not undone by a shift that stays.
        do throws(RunEnd) {
            try await scope.command { microscope throws(MicroscopeError) in try await microscope.setImageShift(.zero) }
        } catch {
            guard case .microscope(let cause) = error, cause != .busy else { throw error }
            try log(.warning, "image shift", cause.explanation)
        }
        try record([.targetChanged(DoseLedger.finished(target.id, try micrographs(of: target.id)))])
        await pipeline.noteFinished(target.id)
    }

    private func micrographs(of hole: TargetID) throws(RunEnd) -> [Micrograph] {
        try grid(hole.grid).micrographs.filter { $0.id.hole == hole }
    }
}
