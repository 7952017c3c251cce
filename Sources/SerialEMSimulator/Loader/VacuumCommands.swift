import Microscope
import RunModel
import Simulator

/// Valves, pumps and liquid nitrogen.
extension SimulatedSerialEM {
    static let vacuumAnswers: [SerialEMCommand: Answer] = [
        .reportColumnOrGunValve: reportColumnOrGunValve, .isPVPRunning: isPVPRunning, .refrigerantLevel: refrigerantLevel,
        .dewarsRemainingTime: dewarsRemainingTime, .areDewarsFilling: areDewarsFilling,
    ]
    static let vacuumActions: [SerialEMCommand: Action] = [
        .setColumnOrGunValve: setColumnOrGunValve, .manageDewarsAndPumps: manageDewarsAndPumps,
    ]
    private static let dewars = 1...3

    private func setColumnOrGunValve(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let isOpen = call.isSet(0)
        if column.areValvesOpen != isOpen { try await wait(durations.valves) }
        try act { body, moment in body.setValves(open: isOpen, for: call.client, at: moment) }
        return .nothing
    }

    private func reportColumnOrGunValve(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(try act { body, _ in body.valvesOpen })]
    }

    private func isPVPRunning(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard column.settings.loader != .jeol else { throw .sentence("This microscope has no such pump, in line:") }
        return [.flag(try act { body, moment in body.state(at: moment).isPumping })]
    }

    /// A dewar goes from 90 % to 15 % between two fills.
    private func refrigerantLevel(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let dewars = column.settings.loader == .jeol ? 0...2 : Self.dewars
        guard dewars.contains(call.integer(0)) else { throw .sentence("There is no dewar \(call.integer(0)), in line:") }
        let part = try act { body, moment in
            body.state(at: moment).isFillingNitrogen
                ? 0.5 : body.secondsToFill(at: moment).map { $0 / (body.settings.nitrogen?.interval ?? 1) } ?? 1
        }
        return [.number(15 + 75 * min(max(part, 0), 1))]
    }

    /// Seconds of the column's time; negative where no fill is to come.
    private func dewarsRemainingTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let seconds = try act { body, moment in
            body.state(at: moment).isFillingNitrogen ? 0 : body.secondsToFill(at: moment)
        }
        return [.number(seconds?.rounded() ?? -1)]
    }

    private func areDewarsFilling(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(try act { body, moment in body.state(at: moment).isFillingNitrogen })]
    }

    private func manageDewarsAndPumps(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        while try act({ body, moment in
            let state = body.state(at: moment)
            return state.isFillingNitrogen || state.isPumping
        }) {
            try await wait(10)
        }
        return .nothing
    }
}

extension ColumnBody {
    /// Seconds of the column's time until the next fill that comes by itself; nil where none does.
    fileprivate func secondsToFill(at moment: Moment) -> Double? {
        guard let schedule = settings.nitrogen, schedule.interval > 0 else { return nil }
        let since = elapsed(at: moment) - schedule.first
        return since < 0 ? -since : schedule.interval - since.truncatingRemainder(dividingBy: schedule.interval)
    }
}
