import Microscope
import RunModel

extension RunSession {
    /// A square: found again, its height set, mapped in Search, its holes found and queued.
    func acquireSquare(_ id: TargetID, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        guard let target = try self.grid(grid.id).target(id) else { return }
        try await waitForColumn(grid.id, scope)
        try await makeReady(for: .square, scope)
        run?.centred = nil
        for step in recipe.square where step != .acquireSearch {
            try checkpoint()
            try await prepare(step, at: target, of: grid, scope)
        }
        let image = try await acquire(.search, named: "\(grid.fileName)_square\(id.number)", of: target, grid, scope)
        let holes: [Target]
        let state = try known()
        do throws(FinderProblem) { holes = try await findHoles(on: image, of: target, grid, recipe, state) } catch {
            // A run that is being ended has not looked: the square stays begun, and is mapped again.
            if Task.isCancelled { throw .cancelled }
            return try noteUnsearched(id, image, error)
        }
        try record(
            [.targetChanged(TargetChanged(target: id, status: .acquired, image: image, stage: image.centre))]
                + (try queueing(holes, of: id)),
            [LogLine(.info, "holes", "Square \(id.number): \(holes.count) holes found")])
    }

    /// The steps before an image: to the place, onto the feature, to its height.
    func prepare(_ step: RecipeStep, at target: Target, of grid: Grid, _ scope: Scope) async throws(RunEnd) {
        switch step {
        case .moveStage:
            tell(StepReading(step: .move, grid: grid.id, target: target.id, begunAt: parts.now()))
            let place = target.stage
            try await scope.command { microscope throws(MicroscopeError) in try await microscope.moveStage(to: place) }
            try log(.debug, "stage", "Moved to x \(place.x.written) y \(place.y.written) µm")
        case .realign, .alignToHole:
            try await realign(to: target, as: step == .realign ? .square : .hole, of: grid, scope)
        case .findEucentricHeight:
            tell(StepReading(step: .focus, grid: grid.id, target: target.id, detail: "eucentric height", begunAt: parts.now()))
            let height = try await scope.command { microscope throws(MicroscopeError) in
                try await microscope.findEucentricHeight()
            }
            try log(.info, "height", "Eucentric height \(height.written) µm")
        default: break
        }
    }

    private func realign(to target: Target, as kind: MappedFeature.Kind, of grid: Grid, _ scope: Scope) async throws(RunEnd) {
        tell(StepReading(step: .align, grid: grid.id, target: target.id, begunAt: parts.now()))
        let size = try mapPixelSize(of: target).map { Length.ångströms(target.size * $0) } ?? .micrometres(1)
        let feature = MappedFeature(kind: kind, position: target.stage, size: size)
        let alignment = try await scope.command { microscope throws(MicroscopeError) in try await microscope.realign(to: feature)
        }
        try log(
            .info, "align",
            "\(target.id.wording) centred, shift \(alignment.shift.length.written) µm, correlation \(alignment.correlation.written)"
        )
    }

    /// Å in a pixel of the map that a target was found on.
    private func mapPixelSize(of target: Target) throws(RunEnd) -> Double? {
        if target.id.kind == .square {
            return try grid(target.id.grid).atlas?.pixelSize
        }
        return try grid(target.id.grid).target(target.id.square)?.image?.pixelSize
    }

    /// One map image in a low dose area, with its picture.
    func acquire(_ area: LowDoseArea, named name: String, of target: Target, _ grid: Grid, _ scope: Scope) async throws(RunEnd)
        -> MapImage
    {
        try await waitForDisk(grid.id)
        let state = try known()
        let file = "\(grid.directory)/raw/\(name).mrc"
        let path = parts.files.path("\(state.session.directory)/\(file)")
        tell(StepReading(step: .expose, grid: grid.id, target: target.id, detail: area.rawValue, begunAt: parts.now()))
        var image = try await scope.command { microscope throws(MicroscopeError) in try await microscope.acquire(area, into: path)
        }
        image.file = file
        image.picture = await picture(of: path, named: name, grid, state)
        return image
    }

    private func findHoles(
        on image: MapImage, of square: Target, _ grid: Grid, _ recipe: Recipe, _ state: SessionState
    ) async throws(FinderProblem) -> [Target] {
        let found = try await parts.finder.holes(
            on: image, at: parts.files.path("\(state.session.directory)/\(image.file)"),
            holeType: grid.holeType.flatMap(HoleType.init), pattern: recipe.targets)
        let settings = state.session.settings
        let reach = ExposurePattern.reach(of: settings.exposuresPerHole, holeDiameter: grid.holeDiameter)
        return Target.grouped(found, on: image, within: settings.imageShiftLimit - reach) { TargetID(hole: $0, of: square.id) }
    }

    /// Nobody has looked at the square: it has failed, which keeps its grid from being complete, and is mapped anew by the next start.
    private func noteUnsearched(_ square: TargetID, _ image: MapImage, _ problem: FinderProblem) throws(RunEnd) {
        try record(
            [
                .processingFailed(ProcessingFailed(target: square, sentence: problem.sentence)),
                .targetChanged(
                    TargetChanged(
                        target: square, status: .failed, image: image, stage: image.centre,
                        problem: "Its holes could not be looked for. \(problem.sentence)")),
            ],
            [LogLine(.error, "holes", "Square \(square.number): \(problem.explanation)")])
    }

    private func queueing(_ holes: [Target], of square: TargetID) throws(RunEnd) -> [RunEvent] {
        guard !holes.isEmpty else { return [] }
        let state = try known()
        var change = QueueChanged(grid: square.grid, version: state.queue.version + 1)
        change.before = NextStep.placeForHoles(
            in: state.queue, mode: state.session.settings.mode, vendor: state.microscope.vendor)
        change.added = TargetChoice.holes(
            holes, count: state.session.settings.holesPerSquare, mode: state.session.settings.mode
        )
        .map { TargetQueue.item($0, settings: state.session.settings, engine: parts.settings) }
        return [.holesFound(HolesFound(square: square, holes: holes)), .queueChanged(change)]
    }
}

extension Length {
    /// µm with two decimals.
    var written: String { micrometres.written }
}

extension Double {
    /// Two decimals, without a formatter's locale.
    var written: String {
        let hundredths = (magnitude * 100).rounded()
        guard hundredths < 1e15 else { return "\(self)" }
        let whole = Int(hundredths)
        let fraction = whole % 100
        return "\(self < 0 && whole > 0 ? "−" : "")\(whole / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
