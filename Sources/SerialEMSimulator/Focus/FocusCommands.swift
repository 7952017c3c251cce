import Microscope
import RunModel
import Simulator

extension SimulatedSerialEM {
    static let focusAnswers: [SerialEMCommand: Answer] = [
        .reportAutoFocus: reportAutoFocus, .reportTargetDefocus: reportTargetDefocus, .setTargetDefocus: setTargetDefocus,
        .reportDefocus: reportDefocus, .setDefocus: setDefocus, .changeFocus: changeFocus,
    ]
    static let focusActions: [SerialEMCommand: Action] = [
        .autoFocus: autoFocus, .eucentricity: eucentricity, .driftWaitTask: driftWaitTask,
    ]

    private func reportDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(column.change { $0.lens.defocus } - read(\.focus.zero))]
    }

    private func setDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let defocus = call.number(0)
        guard abs(defocus) <= 5000 else { throw .sentence("A defocus of \(defocus.short(1)) is out of range, in line:") }
        let zero = read(\.focus.zero)
        column.change { $0.lens.defocus = zero + defocus }
        return .nothing
    }

    private func changeFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let step = call.number(0)
        guard step != 0, abs(step) <= 1000 else {
            throw .sentence("Improper focus change of \(step.short(3)) (must be nonzero and at most 1000 microns), in line:")
        }
        column.change { $0.lens.defocus += step }
        return .nothing
    }

    private func setTargetDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let target = call.number(0)
        guard (-200...50).contains(target) else {
            throw .sentence("The target defocus \(target.short(2)) is out of range, in line:")
        }
        change { $0.focus.target = target }
        return .nothing
    }

    private func reportTargetDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(read(\.focus.target))]
    }

    private func reportAutoFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let focus = read(\.focus)
        return [.number(focus.measured), .count(focus.failure?.rawValue ?? 0)]
    }

    /// A measurement that cannot be made is no problem of the command: whoever wants to know asks.
    private func autoFocus(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let kind = call.integer(ifAny: 0) ?? 1
        if kind != -2 {
            try await look(.focus, times: 2, for: "autofocus", call)
            try await wait(max(0, durations.autofocus - 3))
        }
        let (offset, target) = (read(\.lowDose)[.focus].offset, read(\.focus.target))
        let isBeside = read(\.lowDose.isOn)
        let drift = try act { body, moment in body.drift(at: moment) * 0.1 }
        let limits = change { state in
            defer { state.focus.changeLimits = nil }
            return kind > 0 ? state.focus.changeLimits : nil
        }
        let measured = try act { body, _ throws(MicroscopeError) in
            try body.beside(isBeside ? offset : .zero) { body throws(MicroscopeError) -> Double? in
                if let limits, let now = body.trueDefocus?.micrometres, !limits.contains(target - now) { return nil }
                return try body.measureFocus(target: kind > 0 ? target : nil)
            }
        }
        change {
            $0.focus.failure = measured == nil ? .failed : nil
            $0.focus.measured = measured ?? 0
            $0.focus.drift = drift
        }
        return .nothing
    }

    private func eucentricity(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await look(.view, times: 2, for: "eucentricity", call)
        try await wait(max(0, durations.eucentricHeight - 4))
        try act { body, _ throws(MicroscopeError) in
            try body.checkBeam()
            _ = try body.findEucentricHeight()
        }
        return .nothing
    }
}

extension ColumnBody {
    /// µm; nil where it is too far off to be measured. With a target the lens is set to it, and what was read last is told.
    fileprivate mutating func measureFocus(target: Double?) throws(MicroscopeError) -> Double? {
        try checkBeam()
        guard let truth = trueDefocus?.micrometres, abs(truth) < 60 else { return nil }
        guard let target else { return truth + random.normal() * 0.02 }
        return try autofocus(target: .micrometres(target)).micrometres
    }
}
