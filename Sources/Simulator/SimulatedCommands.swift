import Microscope
import RunModel

/// Loader and column.
extension SimulatedMicroscope {
    public func slots() async throws(MicroscopeError) -> [SlotReport] {
        try await ask("slots") { body, _, _ in body.slotReports() }
    }

    public func loadedSlot() async throws(MicroscopeError) -> Int? {
        try await ask("loadedSlot") { body, _, _ in body.loaded }
    }

    public func load(slot: Int) async throws(MicroscopeError) {
        try await perform(ColumnCommand(name: "load", args: ["\(slot)"])) { body in
            body.secondsToLoad(slot)
        } effect: { body, moment, client throws(MicroscopeError) in
            try body.load(slot, for: client, at: moment)
        }
    }

    public func columnState() async throws(MicroscopeError) -> ColumnState {
        try await ask("columnState") { body, moment, _ in body.state(at: moment) }
    }

    /// Heard while something else is under way too, so that a column can always be made safe.
    public func setValves(open: Bool) async throws(MicroscopeError) {
        let seconds = durations.valves
        try await perform(
            ColumnCommand(name: "setValves", args: [open ? "open" : "closed"], needsColumn: open), seconds: { _ in seconds },
            effect: { body, moment, client in body.setValves(open: open, for: client, at: moment) })
    }

    /// Heard, and nothing done, where the column is set up so already.
    public func prepare(for level: ImagingLevel) async throws(MicroscopeError) {
        guard try peek({ $0.level != level }) else { return }
        let seconds = durations.levelChange
        try await perform(
            ColumnCommand(name: "prepare", args: [level.rawValue]), seconds: { _ in seconds },
            effect: { body, _, _ in body.level = level })
    }

    public func stagePosition() async throws(MicroscopeError) -> StagePosition {
        try await ask("stagePosition") { body, _, _ in body.goniometer.position }
    }

    public func moveStage(to position: StagePosition) async throws(MicroscopeError) {
        try await perform(ColumnCommand(name: "moveStage", args: position.words)) { body throws(MicroscopeError) in
            try body.checkReach(position)
            return body.secondsToMove(to: position)
        } effect: { body, moment, _ in
            body.moveStage(to: position, at: moment)
        }
    }

    public func tilt(to angle: Double) async throws(MicroscopeError) {
        try await perform(ColumnCommand(name: "tilt", args: ["\(angle)"])) { body throws(MicroscopeError) in
            guard abs(angle) <= 70 else { throw .outOfReach("A tilt of \(Int(angle))°") }
            return body.settings.durations.tilt(by: angle - body.goniometer.tilt)
        } effect: { body, moment, _ in
            body.goniometer.tilt(to: angle, at: moment.at)
        }
    }

    public func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        let seconds = durations.imageShift
        let words = [shift.x, shift.y].map { "\($0.micrometres)" }
        try await perform(
            ColumnCommand(name: "setImageShift", args: words), seconds: { _ in seconds },
            effect: { body, _, _ throws(MicroscopeError) in try body.setImageShift(shift) })
    }

    private func ask<Value: Sendable>(
        _ name: String, _ answer: @escaping @Sendable (inout ColumnBody, Moment, Int) -> Value
    ) async throws(MicroscopeError) -> Value {
        let seconds = durations.query
        return try await perform(ColumnCommand(name: name, needsColumn: false, acts: false), seconds: { _ in seconds }) {
            body, moment, client in
            body.settle(at: moment)
            return answer(&body, moment, client)
        }
    }
}

extension StagePosition {
    /// µm, as a ledger has them.
    var words: [String] { [x, y, z].map { "\($0.micrometres)" } }
}
