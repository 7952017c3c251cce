import Microscope
import Simulator

extension SimulatedSerialEM {
    static let lowDoseAnswers: [SerialEMCommand: Answer] = [
        .reportLowDose: reportLowDose, .setLowDoseMode: setLowDoseMode, .setAxisPosition: setAxisPosition,
        .reportAxisPosition: reportAxisPosition, .updateLowDoseParams: updateLowDoseParams,
    ]
    static let lowDoseRows: [ScriptCommand] = [
        .init("RestoreLowDoseParams", "s", restoreLowDoseParams), .init("ReportLDDefocusOffset", "S", reportDefocusOffset),
        .init("SetLDDefocusOffset", "SD", setDefocusOffset), .init("GetLowDoseAreaParams", "SS", getAreaParameters),
        .init("AlreadyInLowDoseArea", "S", alreadyInArea),
    ]
    static let lowDoseActions: [SerialEMCommand: Action] = [.goToLowDoseArea: goToLowDoseArea]

    private func goToLowDoseArea(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let area = try area(call.text(0))
        guard read(\.lowDose.isOn) else { throw .sentence("You need to be in low dose mode to go to an area, in line:") }
        try await go(to: area)
        return .nothing
    }

    func go(to area: LowDose.Area) async throws(SerialEMProblem) {
        try await changeMagnification(to: read(\.lowDose)[area].magIndex)
        change {
            let parameters = $0.lowDose[area]
            $0.lowDose.go(to: area)
            ($0.optics.spot, $0.optics.intensity) = (parameters.spot, parameters.intensity)
        }
    }

    private func setLowDoseMode(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let wasOn = change { state in
            defer { state.lowDose.turn(on: call.isSet(0)) }
            return state.lowDose.isOn
        }
        return [.flag(wasOn)]
    }

    private func reportLowDose(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let lowDose = read(\.lowDose)
        return [.flag(lowDose.isOn), .count(lowDose.area?.rawValue ?? -1)]
    }

    /// With the fourth entry the two numbers are X and Y.
    private func setAxisPosition(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = try areaBeside(call.text(0))
        let (first, second) = (call.number(1), call.number(2))
        let point = call.isSet(3) ? SpecimenPoint(x: first, y: second) : SpecimenPoint.polar(first, second.rounded() * .pi / 180)
        guard point.length <= LowDose.farthest else {
            throw .sentence("An axis position of \(point.length.short(2)) microns is too far away, in line:")
        }
        let axis = call.isSet(3) ? point.length : first
        let rotation = call.isSet(3) ? (point.angle * 180 / .pi).rounded() : second.rounded()
        change {
            $0.lowDose.change(area) {
                $0.axis = axis
                $0.rotation = rotation
            }
        }
        return .nothing
    }

    private func reportAxisPosition(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let place = read(\.lowDose)[try areaBeside(call.text(0))]
        return .numbers(place.axis, place.rotation, 0, 0)
    }

    private func updateLowDoseParams(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = try area(call.text(0))
        if call.isSet(1) { change { $0.lowDose.keepChanges(of: area) } }
        return .nothing
    }

    private func restoreLowDoseParams(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = call.has(0) ? try area(call.text(0)) : nil
        change { $0.lowDose.restore(area) }
        return .nothing
    }

    private func reportDefocusOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(read(\.lowDose)[try areaDefocused(call)].defocusOffset)]
    }

    private func setDefocusOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = try areaDefocused(call)
        guard (-400...0).contains(call.number(1)) else {
            throw .sentence("A defocus offset of \(call.number(1).short(2)) is out of range, in line:")
        }
        change { $0.lowDose.change(area) { $0.defocusOffset = call.number(1) } }
        return .nothing
    }

    private func areaDefocused(_ call: SerialEMCall) throws(SerialEMProblem) -> LowDose.Area {
        let area = try area(call.text(0))
        guard area == .view || area == .search else {
            throw .sentence("Only the View and the Search area have a defocus offset, in line:")
        }
        return area
    }

    /// Into a variable: magnification index, spot, C2 in percent, axis position.
    private func getAreaParameters(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = read(\.lowDose)[try area(call.text(0))]
        let values = ["\(area.magIndex)", "\(area.spot)", area.intensity.short(3), area.axis.short(3)]
        try setVariable(call.text(1), values.joined(separator: "\n"))
        return .nothing
    }

    private func alreadyInArea(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let area = try area(call.text(0))
        return [.flag(read(\.lowDose.isOn) && read(\.lowDose.area) == area)]
    }

    private func area(_ text: String) throws(SerialEMProblem) -> LowDose.Area {
        guard let area = LowDose.Area(text) else { throw .sentence("\(text.prefix(40)) is not a low dose area, in line:") }
        return area
    }

    private func areaBeside(_ text: String) throws(SerialEMProblem) -> LowDose.Area {
        let area = try area(text)
        guard area.mayLieBeside else { throw .sentence("Only the Focus and the Trial area have a place of their own, in line:") }
        return area
    }
}
