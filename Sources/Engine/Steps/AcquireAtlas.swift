import Microscope
import RunModel

extension RunSession {
    /// The map of the grid, the squares on it, and the first queue.
    func acquireAtlas(of grid: Grid, _ scope: Scope) async throws(RunEnd) {
        let state = try known()
        let file = "\(grid.directory)/raw/\(grid.fileName)_atlas.mrc"
        let path = parts.files.path("\(state.session.directory)/\(file)")
        let tiles = state.session.settings.atlasTiles
        try await waitForColumn(grid.id, scope)
        try await waitForDisk(grid.id)
        try await makeReady(for: .atlas, scope)
        tell(StepReading(step: .atlas, grid: grid.id, detail: "\(tiles) × \(tiles) pieces", begunAt: parts.now()))
        try log(.info, "atlas", "Taking the atlas, \(tiles) × \(tiles) pieces")
        var image = try await scope.command { microscope throws(MicroscopeError) in
            try await microscope.acquireAtlas(tiles: tiles, into: path)
        }
        image.file = file
        image.picture = await picture(of: path, named: "\(grid.fileName)_atlas", grid, state)
        try record([.atlasAcquired(AtlasAcquired(grid: grid.id, image: image))])
        try await findSquares(on: image, at: path, grid, state)
    }

    /// The map that an ended run left. Squares that it had no time to find are found now; a queue that was dropped because the grid
    /// failed is made again from what is still to be had of the first choice.
    func takeUpMap(of grid: Grid, afterFailure: Bool) async throws(RunEnd) {
        let report = try self.grid(grid.id)
        let state = try known()
        guard let atlas = report.atlas else { return }
        if report.squares.isEmpty {
            try await findSquares(on: atlas, at: parts.files.path("\(state.session.directory)/\(atlas.file)"), grid, state)
        } else if afterFailure, state.queue.items.isEmpty {
            var change = firstChoice(of: report, state)
            let unsearched = report.unsearchedSquares.map {
                TargetQueue.item($0.id, settings: state.session.settings, engine: parts.settings)
            }
            change.added = unsearched + change.added
            guard !change.added.isEmpty else { return }
            try record([.queueChanged(change)], [LogLine(.info, "queue", "\(change.added.count) targets queued again")])
        }
    }

    private func firstChoice(of report: GridState, _ state: SessionState) -> QueueChanged {
        let settings = state.session.settings
        let chosen = TargetChoice.squares(report.squares, count: settings.squaresPerGrid)
        let mapped = report.squares.map(\.id).filter { id in report.holes.contains { $0.id.square == id } }
        let holes = mapped.flatMap { id in
            TargetChoice.holes(report.holes.filter { $0.id.square == id }, count: settings.holesPerSquare, mode: settings.mode)
        }
        var change = QueueChanged(grid: report.grid.id, version: state.queue.version + 1)
        change.added = (holes + chosen).filter { report.target($0)?.status == .found }
            .map { TargetQueue.item($0, settings: settings, engine: parts.settings) }
        return change
    }

    private func findSquares(on atlas: MapImage, at path: String, _ grid: Grid, _ state: SessionState) async throws(RunEnd) {
        let found: [FoundTarget]
        do throws(FinderProblem) {
            found = try await parts.finder.squares(on: atlas, at: path)
        } catch {
            // A run that is being ended has not looked, and says nothing of the image: the next run looks at the stored map.
            if Task.isCancelled { throw .cancelled }
            try record(
                [.processingFailed(ProcessingFailed(grid: grid.id, sentence: error.sentence))],
                [LogLine(.error, "squares", error.explanation)])
            // Without having looked nobody can say that the grid holds nothing.
            throw .grid(.unsearched(error))
        }
        let squares = Target.numbered(found, on: atlas) { TargetID(square: $0, of: grid.id) }
        let chosen = TargetChoice.squares(squares, count: state.session.settings.squaresPerGrid)
        var change = QueueChanged(grid: grid.id, version: state.queue.version + 1)
        change.added = chosen.map { TargetQueue.item($0, settings: state.session.settings, engine: parts.settings) }
        try record(
            [.squaresFound(SquaresFound(grid: grid.id, squares: squares)), .queueChanged(change)],
            [LogLine(.info, "squares", "\(squares.count) squares found, \(chosen.count) queued")])
    }

    /// The PNG of an image, relative to the session's directory; nil when it could not be made, which stops nothing.
    func picture(of path: String, named name: String, _ grid: Grid, _ state: SessionState) async -> String? {
        let file = "\(grid.directory)/png/\(name).png"
        do throws(FinderProblem) {
            try await parts.finder.makePicture(of: path, into: parts.files.path("\(state.session.directory)/\(file)"))
            return file
        } catch {
            // A log that cannot be written shows at the next record.
            try? log(.warning, "picture", error.sentence)
            return nil
        }
    }
}

extension Target {
    /// Numbers what a finder found and gives it its place on the stage.
    static func numbered(_ found: [FoundTarget], on map: MapImage, id: (Int) -> TargetID) -> [Target] {
        found.enumerated().map { index, item in
            Target(
                id: id(index + 1), point: item.point, size: item.size, stage: map.stage(at: item.point),
                targetClass: item.targetClass, brightness: item.brightness, thickness: item.thickness)
        }
    }

    /// Holes in the order that moves the stage least: good ones group by group, each group's centre first; the others after them.
    /// `distance`: how far image shift may go; at 0 or less every hole is a group of its own, and none is said to be one.
    static func grouped(_ found: [FoundTarget], on map: MapImage, within distance: Length, id: (Int) -> TargetID) -> [Target] {
        let good = found.filter { $0.targetClass == .good }
        let groups = ExposureGroups.plan(good.map { map.stage(at: $0.point) }, within: max(distance, .zero))
        let order = groups.flatMap(\.members).map { good[$0] }
        var targets = numbered(order + found.filter { $0.targetClass != .good }, on: map, id: id)
        guard distance > .zero else { return targets }
        var first = 0
        for group in groups {
            for index in first..<first + group.members.count { targets[index].groupCentre = targets[first].id }
            first += group.members.count
        }
        return targets
    }
}
