import Imaging
import Microscope
import Simulator

/// The matrices between the camera, the image shift, the specimen and the stage, as scripts ask for them.
extension SimulatedSerialEM {
    static let matrixRows: [ScriptCommand] = [
        row("CameraToISMatrix") { $0.cameraToUnits }, row("ISToCameraMatrix") { $0.cameraToUnits.inverse },
        row("StageToCameraMatrix", ofStage: true) { $0.specimen.inverse },
        row("SpecimenToCameraMatrix") { $0.specimen.inverse },
        // The specimen's axes are the stage's here.
        row("ISToSpecimenMatrix") { _ in ImageShiftUnits.matrix.inverse },
        row("SpecimenToISMatrix") { _ in ImageShiftUnits.matrix },
        row("ISToStageMatrix", ofStage: true) { _ in ImageShiftUnits.matrix.inverse },
        row("StageToISMatrix", ofStage: true) { _ in ImageShiftUnits.matrix },
        row("StageToSpecimenMatrix") { _ in .same }, row("SpecimenToStageMatrix") { _ in .same },
    ]

    /// `ofStage`: it takes the calibration of the stage.
    private static func row(
        _ name: String, ofStage: Bool = false, _ matrix: @escaping @Sendable (Magnification) -> Affine?
    ) -> ScriptCommand {
        ScriptCommand(name, "I") { program in
            { call throws(SerialEMProblem) in try program.told(call, ofStage: ofStage, matrix) }
        }
    }

    func cameraToStageMatrix(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try told(call, ofStage: true) { $0.specimen }
    }

    private func told(
        _ call: SerialEMCall, ofStage: Bool, _ matrix: (Magnification) -> Affine?
    ) throws(SerialEMProblem) -> [SerialEMValue] {
        let magnification = try magnification(max(0, call.integer(0)))
        // One that SerialEM does not have is answered with zeros, and nothing said.
        guard settings.hasStageCalibration || !ofStage else { return .numbers(0, 0, 0, 0) }
        // Every one of them only turns and scales, so each has its inverse.
        let matrix = matrix(magnification) ?? .same
        return .numbers(matrix.xx, matrix.xy, matrix.yx, matrix.yy)
    }
}

extension Affine {
    fileprivate static let same = Affine(xx: 1, xy: 0, yx: 0, yy: 1)
}

extension Magnification {
    fileprivate var cameraToUnits: Affine { ImageShiftUnits.matrix.after(specimen) }
}

extension ImageShiftUnits {
    /// From µm along the stage's axes.
    static var matrix: Affine {
        let (x, y) = (units(SpecimenPoint(x: 1, y: 0)), units(SpecimenPoint(x: 0, y: 1)))
        return Affine(xx: x.x, xy: y.x, yx: x.y, yy: y.y)
    }
}
