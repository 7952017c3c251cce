import Microscope
import RunModel

extension RunSession {
    /// A hole: reached by image shift from a centred one near it, or centred and seen in View itself; exposed as often as the session asks.
    func acquireHole(_ id: TargetID, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        guard let target = try self.grid(grid.id).target(id) else { return }
        try await waitForColumn(grid.id, scope)
        try await makeReady(for: .hole, scope)
        let shift = try await shift(to: target, of: grid, scope)
        var middle = shift ?? .zero
        if shift == nil { run?.centred = nil }
        for step in recipe.hole {
            try checkpoint()
            switch step {
            case .autofocus, .waitForDrift:
                _ = try await settleBeam(step, at: target, aim: try known().session.settings.defocus.weakest, grid, scope)
            // All three were done for the hole that is centred.
            case .moveStage, .alignToHole, .acquireView: if shift != nil { continue }
            default: break
            }
            if step == .acquireView {
                middle = try await view(target, of: grid, scope)
            } else {
                try await prepare(step, at: target, of: grid, scope)
            }
        }
        if shift == nil { try await noteCentred(target, recipe, middle, scope) }
        try await exposeHole(target, middle, of: grid, recipe, scope)
        try await finishHole(target, of: grid, scope)
    }

    /// The hole's own image, and how far from its middle the hole was seen: the alignment's last fraction of a micrometre.
    private func view(_ target: Target, of grid: Grid, _ scope: Scope) async throws(RunEnd) -> PlaneShift {
        let image = try await acquire(
            .view, named: "\(grid.fileName)_square\(target.id.square.number)_hole\(target.id.number)", of: target, grid, scope)
        let offset = try await offset(of: target, on: image, grid)
        try record([.targetChanged(TargetChanged(target: target.id, status: .acquiring, image: image, offset: offset))])
        return offset ?? .zero
    }

    private func offset(of target: Target, on image: MapImage, _ grid: Grid) async throws(RunEnd) -> PlaneShift? {
        let path = parts.files.path("\(try known().session.directory)/\(image.file)")
        let point: PixelPoint?
        do throws(FinderProblem) {
            point = try await parts.finder.holeCentre(on: image, at: path, size: grid.holeDiameter)
        } catch {
            try log(.warning, "align", "\(target.id.wording): \(error.sentence)")
            return nil
        }
        guard let place = point.map(image.stage(at:)) else { return nil }
        let offset = PlaneShift(x: place.x - image.centre.x, y: place.y - image.centre.y)
        // Farther than that it is a neighbour.
        guard offset.length <= grid.holeDiameter * 0.5 else { return nil }
        try log(.debug, "align", "\(target.id.wording) seen \(offset.length.written) µm from the middle of its image")
        return offset
    }

    private func exposeHole(
        _ target: Target, _ middle: PlaneShift, of grid: Grid, _ recipe: Recipe, _ scope: Scope
    ) async throws(RunEnd) {
        let wanted = try known().session.settings.exposuresPerHole
        var middle = middle
        if DoseLedger.remaining(of: wanted, try micrographs(of: target.id)) > 0,
            try await tiltForExposures(at: target, of: grid, recipe, scope)
        {
            middle = .zero
        }
        while true {
            try checkpoint()
            let taken = try micrographs(of: target.id)
            guard DoseLedger.remaining(of: wanted, taken) > 0 else { return }
            try await expose(DoseLedger.next(in: target.id, of: taken), of: wanted, at: target, middle, grid, recipe, scope)
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
