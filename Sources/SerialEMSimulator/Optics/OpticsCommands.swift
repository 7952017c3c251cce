import Microscope
import Simulator

/// Magnification, spot, C2, screen, lenses and high tension.
extension SimulatedSerialEM {
    static let opticsAnswers: [SerialEMCommand: Answer] = [
        .reportMag: reportMag, .reportMagIndex: reportMagIndex, .reportPercentC2: reportPercentC2,
        .reportSpotSize: reportSpotSize,
        .reportScreen: reportScreen, .reportScreenCurrent: reportScreenCurrent, .reportHighVoltage: reportHighVoltage,
        .setSpotSize: setSpotSize, .setPercentC2: setPercentC2, .setBeamBlank: setBeamBlank, .reportBeamTilt: reportBeamTilt,
        .setBeamTilt: setBeamTilt, .saveBeamTilt: saveBeamTilt, .restoreBeamTilt: restoreBeamTilt,
    ]
    static let opticsActions: [SerialEMCommand: Action] = [
        .setMag: setMag, .setMagIndex: setMagIndex, .screenUp: screenUp, .screenDown: screenDown,
        .normalizeLenses: normalizeLenses,
        .normalizeAllLenses: normalizeLenses, .autoCenterBeam: autoCenterBeam,
    ]

    /// The step of the knob that the column stands at now.
    var magnification: Magnification {
        // The index is only ever set to one of the table.
        magnifications[read(\.optics.magIndex)] ?? magnifications.all[0]
    }

    private func reportMag(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(magnification.nominal), .flag(magnification.isLowMag), .count(1)]
    }

    private func reportMagIndex(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(magnification.index), .flag(magnification.isLowMag)]
    }

    private func setMag(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard let entry = magnifications.nearest(call.number(0)) else {
            throw .sentence("The value \(call.number(0).short(1)) is not near enough to an existing magnification, in line:")
        }
        return try await turn(to: entry.index)
    }

    private func setMagIndex(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard magnifications[call.integer(0)] != nil else {
            throw .sentence("The magnification index \(call.integer(0)) is out of range, in line:")
        }
        return try await turn(to: call.integer(0))
    }

    private func turn(to index: Int) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await changeMagnification(to: index)
        change { $0.lowDose.changePresent { $0.magIndex = index } }
        return .nothing
    }

    /// The lenses take a second to follow.
    func changeMagnification(to index: Int) async throws(SerialEMProblem) {
        guard read(\.optics.magIndex) != index else { return }
        try await wait(1)
        change { $0.optics.magIndex = index }
    }

    private func setSpotSize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let spot = call.integer(0)
        guard ProgramOptics.spots.contains(spot) else { throw .sentence("Spot size \(spot) is out of range, in line:") }
        change {
            $0.optics.spot = spot
            $0.lowDose.changePresent { $0.spot = spot }
        }
        return .nothing
    }

    private func reportSpotSize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.count(read(\.optics.spot))] }

    private func setPercentC2(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try setIntensity(call.number(0))
    }

    func setIntensity(_ percent: Double) throws(SerialEMProblem) -> [SerialEMValue] {
        guard (0...100).contains(percent) else { throw .sentence("The C2 value \(percent.short(2)) is out of range, in line:") }
        change {
            $0.optics.intensity = percent
            $0.lowDose.changePresent { $0.intensity = percent }
        }
        return .nothing
    }

    private func reportPercentC2(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let percent = read(\.optics.intensity)
        return .numbers(percent, percent / 100)
    }

    private func setBeamBlank(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.optics.isBlanked = call.isSet(0) }
        return .nothing
    }

    private func reportHighVoltage(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(column.settings.voltage)]
    }

    private func screenUp(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await moveScreen(down: false)
    }
    private func screenDown(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await moveScreen(down: true)
    }

    func moveScreen(down: Bool) async throws(SerialEMProblem) -> [SerialEMValue] {
        if read(\.optics.isScreenDown) != down { try await wait(2) }
        change { $0.optics.isScreenDown = down }
        return .nothing
    }

    private func reportScreen(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(read(\.optics.isScreenDown))]
    }

    private func reportScreenCurrent(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let sees = read(\.optics.isScreenDown) && !read(\.optics.isBlanked) && column.areValvesOpen
        return [.number(sees ? 0.35 : 0)]
    }

    private func normalizeLenses(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await wait(3)
        return .nothing
    }

    private func autoCenterBeam(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await look(.trial, times: 1, for: "autoCenterBeam", call)
        return .nothing
    }
}

/// Beam tilt, and the one place where it is remembered.
extension SimulatedSerialEM {
    private func reportBeamTilt(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let tilt = read(\.optics.beamTilt)
        return .numbers(tilt.x, tilt.y)
    }

    private func setBeamTilt(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.optics.beamTilt = SpecimenPoint(x: call.number(0), y: call.number(1)) }
        return .nothing
    }

    private func saveBeamTilt(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try change { state throws(SerialEMProblem) in
            guard state.optics.savedBeamTilt == nil else {
                throw .sentence("There is a second SaveBeamTilt without a RestoreBeamTilt, in line:")
            }
            state.optics.savedBeamTilt = state.optics.beamTilt
        }
        return .nothing
    }

    private func restoreBeamTilt(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try change { state throws(SerialEMProblem) in
            guard state.optics.savedBeamTilt != nil else {
                throw .sentence("There is a RestoreBeamTilt without a SaveBeamTilt, in line:")
            }
            state.optics.restoreBeamTilt()
        }
        return .nothing
    }
}
