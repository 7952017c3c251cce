import Microscope
import Simulator

/// Focus as scripts set it, and what they measure of it.
extension SimulatedSerialEM {
    static let lensRows: [ScriptCommand] = [
        .init("SetEucentricFocus", "", setEucentricFocus), .init("CalEucentricFocus", "", calEucentricFocus),
        .init("SaveFocus", "", saveFocus), .init("RestoreFocus", "", restoreFocus), .init("ResetDefocus", "", resetDefocus),
        .init("IncTargetDefocus", "D", incTargetDefocus), .init("ReportFocus", "", reportFocus),
        .init("ReportAbsoluteFocus", "", reportFocus), .init("SetAbsoluteFocus", "D", setFocus),
        .init("SetStandardFocus", "D", setFocus), .init("ReportAutofocusOffset", "", reportAutofocusOffset),
        .init("SetAutofocusOffset", "D", setAutofocusOffset), .init("FocusChangeLimits", "DD", setFocusChangeLimits),
        .init("ReportFocusDrift", "", reportFocusDrift), .init("CtfFind", "SDDiiddii", acts: ctfFind),
        .init("Ctfplotter", "SDDiddiddd", acts: ctfFind), .init("FixAstigmatismByCTF", "iii", acts: tune),
        .init("FixComaByCTF", "iiii", acts: tune), .init("CorrectAstigmatism", "i", acts: tune),
        .init("CorrectComa", "i", acts: tune), .init("ReportStigmatorNeeded") { _ in { _ in .numbers(0, 0) } },
        .init("ReportComaTiltNeeded") { _ in { _ in .numbers(0, 0) } },
    ]
    /// What the objective lens is at with the display at 0 as the program starts; µm are thousandths of it.
    private static let strength = 0.85

    private func setEucentricFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let eucentric = read(\.focus.eucentric)
        column.change { $0.lens.defocus = eucentric }
        return .nothing
    }

    private func calEucentricFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let present = column.change { $0.lens.defocus }
        change { $0.focus.eucentric = present }
        return .nothing
    }

    private func saveFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let present = column.change { $0.lens.defocus }
        try change { state throws(SerialEMProblem) in
            guard state.focus.saved == nil else {
                throw .sentence("There is a second SaveFocus without a RestoreFocus, in line:")
            }
            state.focus.saved = present
        }
        return .nothing
    }

    private func restoreFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let saved = read(\.focus.saved) else {
            throw .sentence("There is a RestoreFocus without a SaveFocus, in line:")
        }
        change { $0.focus.saved = nil }
        column.change { $0.lens.defocus = saved }
        return .nothing
    }

    private func resetDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let present = column.change { $0.lens.defocus }
        change { $0.focus.zero = present }
        return .nothing
    }

    private func incTargetDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let target = read(\.focus.target) + call.number(0)
        guard (-200...50).contains(target) else {
            throw .sentence("The target defocus \(target.short(2)) is out of range, in line:")
        }
        change { $0.focus.target = target }
        return .nothing
    }

    private func reportFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(Self.strength + column.change { $0.lens.defocus } / 1000)]
    }

    private func setFocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let defocus = (call.number(0) - Self.strength) * 1000
        guard abs(defocus) <= 5000 else { throw .sentence("A focus of \(call.number(0).short(5)) is out of range, in line:") }
        column.change { $0.lens.defocus = defocus }
        return .nothing
    }

    private func reportAutofocusOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(read(\.focus.offset))]
    }

    private func setAutofocusOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.focus.offset = call.number(0) }
        return .nothing
    }

    private func setFocusChangeLimits(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.number(0) < call.number(1) else { throw .sentence("The lower limit must be below the upper one, in line:") }
        change { $0.focus.changeLimits = call.number(0)...call.number(1) }
        return .nothing
    }

    private func reportFocusDrift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let drift = read(\.focus.drift) else {
            throw .sentence("No drift available from last autofocus for statement:")
        }
        return .numbers(drift.x, drift.y)
    }

    /// Defocus (negative under focus), astigmatism, its angle, phase shift, score and the resolution of the fit.
    private func ctfFind(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        guard (-100...0).contains(call.number(1)), (-100...0).contains(call.number(2)) else {
            throw .sentence("Minimum and maximum defocus must be negative and in microns")
        }
        guard buffer.details.magnification?.isHigh == true else {
            throw .sentence("The pixel size of the image is too large for rings to be seen, in line:")
        }
        guard let truth = column.change({ $0.trueDefocus })?.micrometres else {
            throw .sentence("No rings can be seen in the image, in line:")
        }
        try await wait(2)
        return .numbers(truth, 0.02, 45, 0, 0.12, 4.5)
    }

    /// The column is well aligned: it is looked at, and nothing has to be changed.
    private func tune(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await look(.trial, times: call.name.hasPrefix("FixComa") ? 4 : 3, for: "tuning", call)
        return .nothing
    }
}
