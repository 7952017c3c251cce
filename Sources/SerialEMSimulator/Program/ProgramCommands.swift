import Microscope
import RunModel

/// Control, scripts, the clock and what the program tells of itself.
extension SimulatedSerialEM {
    static let programAnswers: [SerialEMCommand: Answer] = [
        .exit: exit, .call: runScript, .callFunction: runScript, .noMessageBoxOnError: noMessageBoxOnError,
        .echo: doNothing,
        .isVersionAtLeast: isVersionAtLeast, .reportDateTime: reportDateTime, .reportTickTime: reportTickTime,
    ]
    static let programActions: [SerialEMCommand: Action] = [.delay: delay]

    private static let buildDate = 20_260_801

    private func exit(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        controlEnded()
        throw .exit(isNormal: !call.isSet(0))
    }

    /// Lines for the log are in the column's ledger, with the command.
    func doNothing(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { .nothing }

    func runScript(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        throw .sentence("No function or script called \(call.text(0).prefix(80)) is loaded, in line:")
    }

    private func isVersionAtLeast(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let wanted = Int(call.text(0)) else { throw .sentence("\(call.text(0).prefix(40)) is not a version, in line:") }
        let isNewDay = (Int(call.text(1)) ?? 0) <= Self.buildDate
        return [.flag(wanted < settings.version.number || wanted == settings.version.number && isNewDay)]
    }

    private func reportDateTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let time = WallTime(moment.at)
        return [.count(time.date), .count(time.hourAndMinute)]
    }

    /// Without a unit, numbers above 60 are milliseconds.
    private func delay(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let amount = max(0, call.number(0))
        let seconds =
            switch call.text(1).lowercased() {
            case "msec", "ms": amount / 1000
            case "sec", "s": amount
            case "min": amount * 60
            case "": amount > 60 ? amount / 1000 : amount
            default: throw SerialEMProblem.sentence("\(call.text(1).prefix(20)) is not a unit of time, in line:")
            }
        try await wait(min(seconds, 86_400))
        return .nothing
    }
}
