import Imaging
import Microscope
import Simulator

/// The matrices between the camera, the image shift, the specimen and the stage, as scripts ask for them.
extension SimulatedSerialEM {
    static let matrixRows: [ScriptCommand] = [
        row("CameraToISMatrix") { $0.cameraToUnits }, row("ISToCameraMatrix") { $0.cameraToUnits.inverse },
        row("CameraToStageMatrix") { $0.specimen }, row("StageToCameraMatrix") { $0.specimen.inverse },
        row("SpecimenToCameraMatrix") { $0.specimen.inverse },
        // The specimen's axes are the stage's here.
        row("ISToSpecimenMatrix") { _ in ImageShiftUnits.matrix.inverse },
        row("SpecimenToISMatrix") { _ in ImageShiftUnits.matrix },
        row("ISToStageMatrix") { _ in ImageShiftUnits.matrix.inverse }, row("StageToISMatrix") { _ in ImageShiftUnits.matrix },
        row("StageToSpecimenMatrix") { _ in .same }, row("SpecimenToStageMatrix") { _ in .same },
    ]

    private static func row(_ name: String, _ matrix: @escaping @Sendable (Magnification) -> Affine?) -> ScriptCommand {
        ScriptCommand(name, "I") { program in { call throws(SerialEMProblem) in try program.told(call, matrix) } }
    }

    private func told(
        _ call: SerialEMCall, _ matrix: (Magnification) -> Affine?
    ) throws(SerialEMProblem) -> [SerialEMValue] {
        // Every one of them only turns and scales, so each has its inverse.
        let matrix = matrix(try magnification(max(0, call.integer(0)))) ?? .same
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
