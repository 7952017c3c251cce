import Microscope

/// Boxes on the screen, which somebody has to answer.
extension SimulatedSerialEM {
    static let boxAnswers: [SerialEMCommand: Answer] = [.pause: pause, .yesNoBox: yesNoBox, .oKBox: okBox]
    static let boxRows: [ScriptCommand] = [
        .init("EnterOneNumber", "S", enterNumber), .init("EnterDefaultedNumber", "DIS", enterDefaultedNumber),
        .init("EnterString", "SS", enterString), .init("KeyBreak", "s", keyBreak), .init("ThreeChoiceBox", "SSSSs", choose),
        .init("ManyChoiceBox", "ISSS", choose),
    ]

    /// Whether the answer is yes.
    private func answerBox() throws(SerialEMProblem) -> Bool {
        switch settings.boxes {
        case .yes: return true
        case .no: return false
        case .refuse: throw .sentence("Nobody is there to answer a box on the screen, in line:")
        }
    }

    private func yesNoBox(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.flag(try answerBox())] }

    private func okBox(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try answerBox()
        return .nothing
    }

    /// Asks whether to go on.
    private func pause(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard try answerBox() else { throw .sentence("The script was stopped at a pause, in line:") }
        return .nothing
    }

    private func enterNumber(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try answerBox()
        return [.number(0)]
    }

    /// The number that the box offers.
    private func enterDefaultedNumber(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try answerBox()
        return [.number(call.number(0))]
    }

    /// Into the variable that is named first, and as a value.
    private func enterString(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let text = try answerBox() ? "simulated" : ""
        try setVariable(call.text(0), text)
        return [.text(text)]
    }

    /// Whoever answers boxes presses the key that scripts wait for, and none that turns them off their way.
    private func keyBreak(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(settings.boxes == .yes && !call.has(0))]
    }

    /// The first button, or the second.
    private func choose(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.count(try answerBox() ? 1 : 2)] }
}
