import Microscope
import RunModel
import Simulator

/// Going to items, and finding them again.
extension SimulatedSerialEM {
    static let navigatorMoveRows: [ScriptCommand] = [
        .init("MoveToNavItem", "i", acts: moveToNavItem), .init("RealignToNavItem", "Iidiis", acts: realignToNavItem),
        .init("RealignToOtherItem", "IIididis", acts: realignToOtherItem),
        .init("RealignToMapDrawnOn", "II", acts: realignToMapDrawnOn),
        .init("GetRealignToItemError", "", getRealignToItemError),
    ]

    private func moveToNavItem(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.integer(0) >= 0 else { throw .sentence("The Navigator item index must be positive:") }
        try await move(to: try item(call), call)
        return .nothing
    }

    private func move(to item: NavigatorItem, _ call: SerialEMCall) async throws(SerialEMProblem) {
        let target = StagePosition(x: .micrometres(item.place.x), y: .micrometres(item.place.y), z: .micrometres(item.z))
        column.change { $0.imageShift = .zero }
        _ = try await move(call) { _ in target }
    }

    private func realignToNavItem(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let none = call.withoutArguments
        return try await realign(to: try item(none), call)
    }

    private func realignToOtherItem(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await realign(to: try item(call), call)
    }

    private func realignToMapDrawnOn(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let item = try item(call)
        guard item.drawnOn != 0 else {
            throw .sentence("The specified item has no ID for being drawn on a map in line:")
        }
        guard let index = try navigator().map(withID: item.drawnOn) else {
            throw .sentence("Script halted due to failure 1 in Realign to Item for line:")
        }
        return try await realign(to: try navigator().items[index], call)
    }

    /// Goes there, looks twice as its map was taken, and makes up for what the stage missed by image shift.
    ///
    /// How far it missed is known here without a correlation; a real one leaves some nanometres, and so does this.
    private func realign(to item: NavigatorItem, _ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard let map = try navigator().map(showing: item)?.map else {
            throw .sentence("Script halted due to failure 4 in Realign to Item routine")
        }
        try await move(to: item, call)
        let set = CameraSet(rawValue: map.set) ?? .view
        for _ in 0..<2 {
            let setting = try await prepare(set)
            let buffer = try await takeStill(setting, call)
            change { $0.buffers.roll(in: buffer) }
        }
        let truth = SpecimenPoint(column.truePosition)
        let missed = try act { body, _ in
            let missed = truth - SpecimenPoint(body.goniometer.position) - body.imageShift
            body.imageShift = missed * -1 + SpecimenPoint(x: body.random.normal() * 0.01, y: body.random.normal() * 0.01)
            return missed
        }
        try await wait(durations.imageShift)
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.lastError = (missed.x, missed.y) }
        return .nothing
    }

    /// By which the stage missed the item, twice: there is one round only.
    private func getRealignToItemError(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let error = try navigator().lastError
        return .numbers(error.x, error.y, error.x, error.y)
    }
}
