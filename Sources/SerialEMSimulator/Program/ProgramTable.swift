import Microscope

/// Which method carries out which command. What asks is answered at once; what acts may take the column's time.
extension SimulatedSerialEM {
    typealias Answer = @Sendable (SimulatedSerialEM) -> (SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue]
    typealias Action = @Sendable (SimulatedSerialEM) -> (SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue]

    static let answers: [SerialEMCommand: Answer] = joined([
        programAnswers, boxAnswers, navigatorAnswers, variableAnswers, settingAnswers, bufferAnswers, matrixAnswers, setAnswers,
        framesAnswers, opticsAnswers, shiftAnswers,
        lowDoseAnswers, stageAnswers, loaderAnswers, vacuumAnswers, focusAnswers, alignAnswers, fileAnswers, montageAnswers,
        filterAnswers, apertureAnswers, longAnswers, stateAnswers,
    ])

    static let actions: [SerialEMCommand: Action] = joined([
        programActions, bufferActions, shotActions, framesActions, opticsActions, shiftActions, lowDoseActions, stageActions,
        loaderActions, shellActions, vacuumActions, focusActions, alignActions, fileActions, autodocActions, montageActions,
        filterActions,
        apertureActions, longActions, stateActions,
    ])

    enum Method {
        case answer(Answer)
        case action(Action)
    }

    /// What carries a code out, and the keys of its arguments; nil for a code that SerialEM does not have either.
    static func method(of code: Int32) throws(SerialEMProblem) -> (method: Method, keys: String)? {
        guard let name = SerialEMNames.name(at: code) else { return nil }
        if let command = SerialEMCommand(rawValue: code) { return (try method(of: command), command.row.keys) }
        guard let row = scriptCommands[code] else {
            throw .sentence("\(name) is not among the commands that this simulated SerialEM knows, in line:")
        }
        switch row.method {
        case .same(let command): return (try method(of: command), row.keys)
        case .answer(let answer): return (.answer(answer), row.keys)
        case .action(let action): return (.action(action), row.keys)
        }
    }

    private static func method(of command: SerialEMCommand) throws(SerialEMProblem) -> Method {
        if let answer = answers[command] { return .answer(answer) }
        guard let action = actions[command] else { throw .sentence("This command cannot be run here, in line:") }
        return .action(action)
    }

    private static func joined<Method>(_ tables: [[SerialEMCommand: Method]]) -> [SerialEMCommand: Method] {
        tables.reduce(into: [:]) { all, table in
            all.merge(table) { _, _ in preconditionFailure("a command has one method") }
        }
    }
}
