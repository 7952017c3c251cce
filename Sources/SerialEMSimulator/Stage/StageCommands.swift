import Microscope
import RunModel
import Simulator

extension SimulatedSerialEM {
    static let stageAnswers: [SerialEMCommand: Answer] = [
        .reportStageXYZ: reportStageXYZ, .reportTiltAngle: reportTiltAngle, .reportStageBusy: reportStageBusy,
    ]
    static let stageActions: [SerialEMCommand: Action] = [
        .moveStage: moveStage, .moveStageTo: moveStageTo, .stageShiftByPixels: stageShiftByPixels, .tiltTo: tiltTo,
        .tiltBy: tiltBy,
    ]
    static let tiltRows: [ScriptCommand] = [
        .init("TiltUp", "idd", acts: tiltUp), .init("U", "idd", acts: tiltUp), .init("TiltDown", "idd", acts: tiltDown),
        .init("D", "idd", acts: tiltDown), .init("WalkUpTo", "D", acts: tiltTo), .init("RelaxStage", "d", doNothing),
        .init("TestRelaxingStage", "DDdd", acts: moveStage), .init("MoveStageWithSpeed", "DDD", acts: moveStageWithSpeed),
        .init("ReportStageBAxis") { _ in { _ in [.count(0)] } },
    ]
    private static let highestTilt = 70.0

    private func reportStageXYZ(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let place = column.change { $0.goniometer.position }
        return .numbers(place.x.micrometres, place.y.micrometres, place.z.micrometres)
    }

    private func reportTiltAngle(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(column.change { $0.goniometer.tilt })]
    }

    private func reportStageBusy(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(try act { body, _ in body.isBusy(besides: call.ticket) })]
    }

    private func moveStageTo(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let z = call.number(ifAny: 2).map { Length.micrometres($0) }
        return try await move(call) { StagePosition(x: call.length(0), y: call.length(1), z: z ?? $0.z) }
    }

    private func moveStage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        // The third entry of a test of relaxing is the backlash.
        let z = call.name == "MoveStage" ? call.length(2) : .zero
        return try await move(call) { StagePosition(x: $0.x + call.length(0), y: $0.y + call.length(1), z: $0.z + z) }
    }

    /// What lies so many unbinned pixels right and up of the middle comes there.
    private func stageShiftByPixels(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let way = cameraToSpecimen(magnification).turning(SpecimenPoint(x: call.number(0), y: call.number(1)))
        return try await move(call) { $0.moved(by: way.shift) }
    }

    /// Where something else has the stage, nothing is done and nothing said: outside of its own scripts SerialEM does not try again.
    func move(
        _ call: SerialEMCall, _ target: @Sendable (StagePosition) -> StagePosition
    ) async throws(SerialEMProblem) -> [SerialEMValue] {
        let plan = try act { body, _ throws(MicroscopeError) -> (target: StagePosition, seconds: Double)? in
            guard !body.isBusy(besides: call.ticket) else { return nil }
            let target = target(body.goniometer.position)
            try body.checkReach(target)
            body.motion = call.ticket
            return (target, body.secondsToMove(to: target))
        }
        guard let plan else { return .nothing }
        try await wait(plan.seconds)
        try act { body, moment in
            body.goniometer.move(to: plan.target, at: moment.at)
            body.motion = nil
        }
        return .nothing
    }

    private func tiltTo(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await tilt(to: call.number(0), call)
    }

    /// By the increment of the user's settings, up being away from 0 to the positive side.
    private func tiltUp(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await tiltOn(1, call) }

    private func tiltDown(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await tiltOn(-1, call) }

    private func tiltOn(_ sign: Double, _ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let step = read(\.script.settings).values["tiltincrement"] ?? 3
        return try await tilt(to: column.change { $0.goniometer.tilt } + sign * step, call)
    }

    private func moveStageWithSpeed(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.number(2) > 0 else { throw .sentence("Speed entry must be positive in line:") }
        return try await move(call) { StagePosition(x: $0.x + call.length(0), y: $0.y + call.length(1), z: $0.z) }
    }

    private func tiltBy(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await tilt(to: column.change { $0.goniometer.tilt } + call.number(0), call)
    }

    private func tilt(to angle: Double, _ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard abs(angle) <= Self.highestTilt else {
            throw .sentence("Attempt to tilt too high in script, to \(angle.decimals(1)) degrees, in line:")
        }
        let seconds = try act { body, _ -> Double? in
            guard !body.isBusy(besides: call.ticket) else { return nil }
            body.motion = call.ticket
            return body.settings.durations.tilt(by: angle - body.goniometer.tilt)
        }
        guard let seconds else { return .nothing }
        try await wait(seconds)
        try act { body, moment in
            body.goniometer.tilt(to: angle, at: moment.at)
            body.motion = nil
        }
        return .nothing
    }
}

extension SerialEMCall {
    fileprivate func length(_ index: Int) -> Length { .micrometres(number(index)) }
}
