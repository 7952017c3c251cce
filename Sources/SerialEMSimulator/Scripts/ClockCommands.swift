import Microscope
import RunModel

/// The clocks that scripts measure with. They run with the column's time.
extension SimulatedSerialEM {
    static let clockRows: [ScriptCommand] = [
        .init("ResetClock", "", resetClock), .init("ReportClock", "", reportClock),
        .init("ElapsedTickTime", "D", elapsedTickTime),
        .init("ReportMinuteTime", "", reportMinuteTime), .init("SetCustomTime", "Sd", setCustomTime),
        .init("ReportCustomInterval", "Sd", reportCustomInterval),
    ]

    private func resetClock(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let now = try columnSeconds()
        change { $0.script.clockStart = now }
        return .nothing
    }

    private func reportClock(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(try columnSeconds() - read(\.script.clockStart))]
    }

    func reportTickTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(try columnSeconds())]
    }

    private func elapsedTickTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(try columnSeconds() - call.number(0))]
    }

    private func reportMinuteTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.count(try minutes())] }

    /// So many minutes from now, or ago.
    private func setCustomTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let time = Double(try minutes()) + call.number(1)
        try change { state throws(SerialEMProblem) in
            guard state.script.customTimes.count < 100 || state.script.customTimes[call.text(0)] != nil else {
                throw .sentence("There are too many custom times, in line:")
            }
            state.script.customTimes[call.text(0)] = time
        }
        return .nothing
    }

    private func reportCustomInterval(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let time = read(\.script.customTimes)[call.text(0)] else {
            throw .sentence("There is no custom time \(call.text(0).prefix(60)), in line:")
        }
        return [.number(Double(try minutes()) - time)]
    }

    private func minutes() throws(SerialEMProblem) -> Int { Int(try columnSeconds() / 60) }
}
