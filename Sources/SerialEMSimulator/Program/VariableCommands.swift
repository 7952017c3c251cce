import Microscope

/// Script variables. Their names do not care for capitals.
extension SimulatedSerialEM {
    static let variableAnswers: [SerialEMCommand: Answer] = [
        .setVariable: setVariable, .setPersistentVar: setPersistentVar, .getVariable: getVariable,
    ]

    /// Tells a client on the same computer where the disks of this one are.
    private static let directoryName = "simulatedfiles"
    private static let most = 1000

    private func setVariable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { try set(\.variables, call) }

    /// Outlives external control, and not the program.
    private func setPersistentVar(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try set(\.persistentVariables, call)
    }

    func clearPersistentVars(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.persistentVariables = [:] }
        return .nothing
    }

    private func set(
        _ table: WritableKeyPath<ProgramState, [String: String]> & Sendable, _ call: SerialEMCall
    ) throws(SerialEMProblem) -> [SerialEMValue] {
        let name = call.text(0).lowercased()
        guard !name.isEmpty, name.utf8.count <= 200, name != Self.directoryName else {
            throw .sentence("\(call.text(0).prefix(60)) cannot be set, in line:")
        }
        try change { state throws(SerialEMProblem) in
            guard state[keyPath: table].count < Self.most || state[keyPath: table][name] != nil else {
                throw .sentence("There are too many variables, in line:")
            }
            state[keyPath: table][name] = call.text(1)
        }
        return .nothing
    }

    private func getVariable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let name = call.text(0).lowercased()
        if name == Self.directoryName { return [.text(disk.directory)] }
        guard let value = read(\.variables)[name] ?? read(\.persistentVariables)[name] else {
            throw .sentence("The variable \(call.text(0).prefix(60)) is not defined, in line:")
        }
        guard let number = Double(value), number.isFinite else { return [.text(value)] }
        return [.number(number)]
    }
}
