import Microscope

/// The energy filter's slit.
struct EnergyFilter: Sendable {
    /// eV.
    var width = 20.0
    var loss = 0.0
    var isIn = true
    /// Seconds of the column's time; nil where the zero-loss peak was never centred.
    var refined: Double?
}

extension SimulatedSerialEM {
    static let filterAnswers: [SerialEMCommand: Answer] = [
        .reportEnergyFilter: reportEnergyFilter, .setSlitWidth: setSlitWidth, .setEnergyLoss: setEnergyLoss,
    ]
    static let filterActions: [SerialEMCommand: Action] = [.setSlitIn: setSlitIn, .refineZLP: refineZLP]

    private func reportEnergyFilter(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let filter = read(\.filter)
        return [.number(filter.width), .number(filter.loss), .flag(filter.isIn)]
    }

    private func setSlitWidth(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard (1...100).contains(call.number(0)) else {
            throw .sentence("A slit width of \(call.number(0).short(1)) is out of range, in line:")
        }
        change { $0.filter.width = call.number(0) }
        return .nothing
    }

    private func setEnergyLoss(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard abs(call.number(0)) <= 3000 else {
            throw .sentence("An energy loss of \(call.number(0).short(1)) is out of range, in line:")
        }
        change { $0.filter.loss = call.number(0) }
        return .nothing
    }

    private func setSlitIn(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let isIn = !call.has(0) || call.isSet(0)
        if read(\.filter.isIn) != isIn { try await wait(2) }
        change { $0.filter.isIn = isIn }
        return .nothing
    }

    /// Minutes that may have passed since the last time; 0 for now.
    private func refineZLP(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (minutes, isAskedForValue) = (call.number(0), call.isSet(3))
        let values: [SerialEMValue] = isAskedForValue ? [.count(0)] : .nothing
        let now = try columnSeconds()
        if minutes > 0, let last = read(\.filter.refined), now - last < minutes * 60 { return values }
        do throws(SerialEMProblem) { try await look(.trial, times: 3, for: "refineZLP", call) } catch {
            if isAskedForValue && error != .closing { return [.count(1)] }
            throw error
        }
        try await wait(20)
        let done = try columnSeconds()
        change { $0.filter.refined = done }
        return values
    }

    /// Seconds of the column's time since its first contact.
    func columnSeconds() throws(SerialEMProblem) -> Double { try act { body, moment in body.elapsed(at: moment) } }
}
