import Microscope
import Simulator

/// Beam shift, stigmators, illumination and the gun, as scripts set and ask for them.
extension SimulatedSerialEM {
    static let beamRows: [ScriptCommand] = [
        .init("ImageShiftByUnits", "DDdi", acts: imageShiftByUnits),
        .init("SetBeamShift", "DD", setBeamShift), .init("ReportBeamShift", "", reportBeamShift),
        .init("MoveBeamByMicrons", "DD", moveBeamByMicrons), .init("MoveBeamByFieldFraction", "DD", moveBeamByFieldFraction),
        .init("CenterBeamFromImage", "id", centerBeamFromImage), .init("AdjustBeamTiltforIS", "", doNothing),
        .init("SetObjectiveStigmator", "DD") { program in { call in program.set(\.optics.stigmator, call) } },
        .init("ReportObjectiveStigmator") { program in { _ in program.pair(\.optics.stigmator) } },
        .init("SetCondenserStigmator", "DD") { program in { call in program.set(\.optics.condenserStigmator, call) } },
        .init("ReportCondenserStigmator") { program in { _ in program.pair(\.optics.condenserStigmator) } },
        .init("SetProbeMode", "S", setProbeMode), .init("ReportProbeMode", "", reportProbeMode),
        .init("SetAlpha", "I", setAlpha), .init("ReportAlpha", "", reportAlpha),
        .init("SetIlluminatedArea", "D", setIlluminatedArea), .init("ReportIlluminatedArea", "", reportIlluminatedArea),
        .init("ReportCrossoverPercentC2", "", reportCrossover),
        .init("IncPercentC2", "D", incPercentC2), .init("ReportTiltAxisOffset", "", reportTiltAxisOffset),
        .init("SetTiltAxisOffset", "D", setTiltAxisOffset), .init("ReportComaVsISmatrix") { _ in { _ in .numbers(0, 0, 0, 0) } },
        .init("SetFEGEmissionState", "I", setEmission), .init("ReportFEGEmissionState", "", reportEmission),
        .init("IsFEGFlashingAdvised", "I") { _ in { _ in [.count(0)] } }, .init("NextFEGFlashHighTemp", "i", doNothing),
        .init("ReportColumnMode") { _ in { _ in .numbers(0, 0) } },
    ]
    /// Percent.
    private static let crossover = 31.0
    /// Hundreds of µm across, as Thermo Fisher counts, for a percent of C2 beyond crossover.
    private static let areaPerPercent = 0.0016

    private func imageShiftByUnits(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let step = ImageShiftUnits.specimen(SpecimenPoint(x: call.number(0), y: call.number(1)))
        return try await shift(call) { $0 + step }
    }

    private func set(
        _ path: WritableKeyPath<ProgramState, SpecimenPoint> & Sendable, _ call: SerialEMCall
    ) -> [SerialEMValue] {
        change { $0[keyPath: path] = SpecimenPoint(x: call.number(0), y: call.number(1)) }
        return .nothing
    }

    private func pair(_ path: KeyPath<ProgramState, SpecimenPoint> & Sendable) -> [SerialEMValue] {
        let point = read(path)
        return .numbers(point.x, point.y)
    }

    private func setBeamShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let wanted = SpecimenPoint(x: call.number(0), y: call.number(1))
        guard wanted.length <= 1000 else { throw .sentence("The beam cannot be shifted so far, in line:") }
        change { $0.optics.beamShift = wanted }
        return .nothing
    }

    private func reportBeamShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { pair(\.optics.beamShift) }

    private func moveBeamByMicrons(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.optics.beamShift = $0.optics.beamShift + SpecimenPoint(x: call.number(0), y: call.number(1)) }
        return .nothing
    }

    private func moveBeamByFieldFraction(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (across, up) = (Double(camera.optics.width), Double(camera.optics.height))
        let step = magnification.specimen.turning(SpecimenPoint(x: call.number(0) * across, y: call.number(1) * up))
        change { $0.optics.beamShift = $0.optics.beamShift + step }
        return .nothing
    }

    /// The beam is where it should be already; all that can fail is that there is no image to see it in.
    private func centerBeamFromImage(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard read(\.buffers)[0] != nil else { throw .sentence("There is no image in buffer A, in line:") }
        return .nothing
    }

    private func setProbeMode(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let word = call.text(0).lowercased()
        let isMicro = word.hasPrefix("micro") || word == "1" || word == "1."
        guard isMicro || word.hasPrefix("nano") || word == "0" || word == "0." else {
            throw .sentence("Probe mode must be 0, 1, nano or micro, in line:")
        }
        change { $0.optics.isMicroprobe = isMicro }
        return .nothing
    }

    private func reportProbeMode(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(read(\.optics.isMicroprobe))]
    }

    private func setAlpha(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard (1...9).contains(call.integer(0)) else { throw .sentence("Alpha \(call.integer(0)) is out of range, in line:") }
        change { $0.optics.alpha = call.integer(0) }
        return .nothing
    }

    private func reportAlpha(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.count(read(\.optics.alpha))] }

    private func reportIlluminatedArea(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(max(0, read(\.optics.intensity) - Self.crossover) * Self.areaPerPercent)]
    }

    private func setIlluminatedArea(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try setIntensity(Self.crossover + call.number(0) / Self.areaPerPercent)
    }

    private func reportCrossover(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        .numbers(Self.crossover, Self.crossover / 100)
    }

    private func incPercentC2(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try setIntensity(read(\.optics.intensity) + call.number(0))
    }

    private func reportTiltAxisOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let offset = read(\.optics.tiltAxisOffset)
        let units = ImageShiftUnits.units(SpecimenPoint(x: 0, y: offset))
        return .numbers(offset, 0, -offset, units.x, units.y, 0)
    }

    private func setTiltAxisOffset(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.optics.tiltAxisOffset = call.number(0) }
        return .nothing
    }

    private func setEmission(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.optics.emission = call.isSet(0) ? 2 : 0 }
        return .nothing
    }

    private func reportEmission(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.optics.emission))]
    }
}
