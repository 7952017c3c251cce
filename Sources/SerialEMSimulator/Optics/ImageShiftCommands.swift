import Glibc
import Imaging
import Microscope
import RunModel
import Simulator

/// Image shift. In specimen µm it lies along the stage's axes: a shift and an equal move of the stage bring the same place into view.
///
/// In pixels it is the place that comes to the middle, right and up of it: the content goes the other way.
extension SimulatedSerialEM {
    static let shiftAnswers: [SerialEMCommand: Answer] = [
        .reportImageShift: reportImageShift, .reportSpecimenShift: reportSpecimenShift, .reportMaxImageShift: reportMaxImageShift,
        .cameraToStageMatrix: cameraToStageMatrix, .cameraToSpecimenMatrix: cameraToSpecimenMatrix,
    ]
    static let shiftActions: [SerialEMCommand: Action] = [
        .imageShiftByPixels: imageShiftByPixels, .imageShiftByMicrons: imageShiftByMicrons,
        .imageShiftByStageDiff: imageShiftByStageDiff, .setImageShift: setImageShift,
        .resetImageShift: resetImageShift,
    ]

    /// µm of image shift that brings to the middle what lies one unbinned pixel right and up of it.
    func cameraToSpecimen(_ magnification: Magnification) -> Affine { magnification.specimen }

    /// SerialEM lets the image be shifted farther where the magnification is low.
    func shiftLimit(_ magnification: Magnification) -> Length {
        magnification.isLowMag ? .micrometres(150) : column.settings.imageShiftLimit
    }

    private func imageShiftByPixels(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let pixels = SpecimenPoint(x: call.number(0).rounded(), y: call.number(1).rounded())
        let step = cameraToSpecimen(magnification).turning(pixels)
        return try await shift(call) { $0 + step }
    }

    private func imageShiftByMicrons(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let step = alongStage(SpecimenPoint(x: call.number(0), y: call.number(1)))
        return try await shift(call) { $0 + step }
    }

    /// From the specimen's axes to the stage's, and back.
    private func alongStage(_ shift: SpecimenPoint) -> SpecimenPoint {
        settings.invertsStageXAxis ? SpecimenPoint(x: -shift.x, y: shift.y) : shift
    }

    /// Across the tilt axis a move of the stage is seen shorter than it is.
    private func imageShiftByStageDiff(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        // Without a calibration a matrix of zeros is taken, and nothing said.
        let scale = settings.hasStageCalibration ? settings.stageShiftScale : 0
        let step = SpecimenPoint(x: call.number(0), y: call.number(1) * cosineOfTilt) * scale
        return try await shift(call) { $0 + step }
    }

    private var cosineOfTilt: Double { max(0.1, cos(column.change { $0.goniometer.tilt } * .pi / 180)) }

    private func setImageShift(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let wanted = ImageShiftUnits.specimen(SpecimenPoint(x: call.number(0), y: call.number(1)))
        return try await shift(call) { _ in wanted }
    }

    /// A shift beyond the limit is not made, which is a value and no problem.
    func shift(
        _ call: SerialEMCall, _ target: @Sendable (SpecimenPoint) -> SpecimenPoint
    ) async throws(SerialEMProblem) -> [SerialEMValue] {
        let limit = shiftLimit(magnification)
        let isDone = column.change { body in
            let wanted = target(body.imageShift)
            guard wanted.shift.length <= limit else { return false }
            body.imageShift = wanted
            return true
        }
        guard isDone else { return [.count(1)] }
        try await wait(durations.imageShift * max(0, call.number(ifAny: 2) ?? 0))
        return [.count(0)]
    }

    private func reportImageShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let shift = column.change { $0.imageShift }
        let units = ImageShiftUnits.units(shift)
        // The matrix only ever turns and scales. Here, and only here, the pixels are the way that the content went.
        let pixels = cameraToSpecimen(magnification).inverse?.turning(shift) ?? .zero
        guard settings.reportsShiftOnStage else { return .numbers(units.x, units.y, -pixels.x, -pixels.y) }
        guard settings.hasStageCalibration else { return .numbers(units.x, units.y, -pixels.x, -pixels.y, 0, 0) }
        return .numbers(units.x, units.y, -pixels.x, -pixels.y, shift.x, shift.y / cosineOfTilt)
    }

    private func reportSpecimenShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let shift = alongStage(column.change { $0.imageShift })
        return .numbers(shift.x, shift.y)
    }

    private func reportMaxImageShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        .numbers(shiftLimit(try magnification(call.integer(0))).micrometres, 0)
    }

    private func cameraToSpecimenMatrix(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let matrix = cameraToSpecimen(try magnification(call.integer(0)))
        return .numbers(matrix.xx, matrix.xy, matrix.yx, matrix.yy)
    }

    /// 0 is the present one.
    func magnification(_ index: Int) throws(SerialEMProblem) -> Magnification {
        guard index != 0 else { return magnification }
        guard let entry = magnifications[index] else {
            throw .sentence("The magnification index \(index) is out of range, in line:")
        }
        return entry
    }

    /// The stage takes over what the image shift did, so that the picture stays.
    private func resetImageShift(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (target, seconds) = try act { body, _ throws(MicroscopeError) in
            let target = body.goniometer.position.moved(by: body.imageShift.shift)
            try body.checkReach(target)
            body.motion = call.ticket
            return (target, body.secondsToMove(to: target))
        }
        try await wait(seconds)
        try act { body, moment in
            body.imageShift = .zero
            body.goniometer.move(to: target, at: moment.at)
            body.motion = nil
        }
        return .nothing
    }
}
