import Microscope

/// States of the microscope under a name, as an operator stores them.
struct ImagingState: Sendable {
    let name: String
    /// nil: without low dose, at this magnification.
    let area: LowDose.Area?
    let magIndex: Int

    static func all(_ table: MagnificationTable) -> [ImagingState] {
        [
            ImagingState(name: "atlas", area: nil, magIndex: table.atlas),
            ImagingState(name: "search", area: .search, magIndex: table.search),
            ImagingState(name: "view", area: .view, magIndex: table.view),
            ImagingState(name: "record", area: .record, magIndex: table.record),
        ]
    }

    /// What keeps a state from being found, by the number that is reported.
    enum Miss: Int, Error {
        case noMatch = 1
        case several, outOfRange
    }
}

extension SimulatedSerialEM {
    static let stateAnswers: [SerialEMCommand: Answer] = [.imagingStateProperties: imagingStateProperties]
    static let stateActions: [SerialEMCommand: Action] = [.goToImagingState: goToImagingState]

    private func goToImagingState(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let state: ImagingState
        do throws(ImagingState.Miss) { state = try find(call.lastText).state } catch { return [.count(error.rawValue)] }
        change { $0.lowDose.turn(on: state.area != nil) }
        if let area = state.area { try await go(to: area) } else { try await changeMagnification(to: state.magIndex) }
        return [.count(0)]
    }

    private func imagingStateProperties(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        do throws(ImagingState.Miss) {
            let (state, number) = try find(call.lastText)
            return [.count(0), .count(number), .flag(state.area != nil), .count(1), .count(state.magIndex), .text(state.name)]
        } catch { return [.count(error.rawValue)] }
    }

    /// By its number from 1, its name, or the beginning of its name.
    private func find(_ text: String) throws(ImagingState.Miss) -> (state: ImagingState, number: Int) {
        let states = ImagingState.all(magnifications)
        if let number = Int(text) {
            guard states.indices.contains(number - 1) else { throw .outOfRange }
            return (states[number - 1], number)
        }
        let wanted = text.lowercased()
        if let index = states.firstIndex(where: { $0.name == wanted }) { return (states[index], index + 1) }
        let matches = states.indices.filter { !wanted.isEmpty && states[$0].name.hasPrefix(wanted) }
        guard let index = matches.first else { throw .noMatch }
        guard matches.count == 1 else { throw .several }
        return (states[index], index + 1)
    }
}
