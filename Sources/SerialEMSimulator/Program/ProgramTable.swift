import Microscope

/// Which method carries out which command. What asks is answered at once; what acts may take the column's time.
extension SimulatedSerialEM {
    typealias Answer = @Sendable (SimulatedSerialEM) -> (SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue]
    typealias Action = @Sendable (SimulatedSerialEM) -> (SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue]

    static let answers: [SerialEMCommand: Answer] = joined([
        programAnswers, variableAnswers, bufferAnswers, matrixAnswers, setAnswers, framesAnswers, opticsAnswers, shiftAnswers,
        lowDoseAnswers, stageAnswers, loaderAnswers, vacuumAnswers, focusAnswers, alignAnswers, fileAnswers, montageAnswers,
        filterAnswers, apertureAnswers, longAnswers, stateAnswers,
    ])

    static let actions: [SerialEMCommand: Action] = joined([
        programActions, bufferActions, shotActions, framesActions, opticsActions, shiftActions, lowDoseActions, stageActions,
        loaderActions, vacuumActions, focusActions, alignActions, fileActions, autodocActions, montageActions, filterActions,
        apertureActions, longActions, stateActions,
    ])

    private static func joined<Method>(_ tables: [[SerialEMCommand: Method]]) -> [SerialEMCommand: Method] {
        tables.reduce(into: [:]) { all, table in
            all.merge(table) { _, _ in preconditionFailure("a command has one method") }
        }
    }
}
