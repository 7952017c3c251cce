import Imaging
import Microscope
import Simulator

/// Places in images. Here, as SerialEM counts them, y goes down from the top left corner and a pixel's centre lies half a pixel beyond its edge.
extension SimulatedSerialEM {
    static let matrixAnswers: [SerialEMCommand: Answer] = [
        .bufImageToStageMatrix: bufImageToStageMatrix, .stageToBufImageMatrix: stageToBufImageMatrix,
        .bufImagePosToStagePos: bufImagePosToStagePos,
    ]
    static let placeRows: [ScriptCommand] = [.init("StagePosToBufImagePos", "SIDD", stagePosToBufImagePos)]

    private func bufImageToStageMatrix(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try places(call).map.values
    }

    private func stageToBufImageMatrix(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let inverse = try places(call).map.inverse else { throw .sentence("The image's scale is not known, in line:") }
        return inverse.values
    }

    private func bufImagePosToStagePos(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (map, buffer) = try places(call)
        let (x, y) = (call.number(2), call.number(3))
        let place = map(x, y)
        guard let (piece, px, py) = buffer.piece(atX: x, y: y) else { return .numbers(place.x, place.y, -1, -1, -1) }
        return .numbers(place.x, place.y, Double(piece), px, py)
    }

    private func places(_ call: SerialEMCall) throws(SerialEMProblem) -> (map: Affine, buffer: ImageBuffer) {
        _ = try navigator()
        let buffer = try buffer(call, 0)
        return (try places(in: buffer, isRaw: call.isSet(1)), buffer)
    }

    /// From pixels, y down from the top, to the stage.
    func places(in buffer: ImageBuffer, isRaw: Bool = false) throws(SerialEMProblem) -> Affine {
        let (width, height) = (buffer.image.width, buffer.image.height)
        // Navigator places, or those that the stage is moved to: what is shifted away from its middle now looks beside.
        let beside: SpecimenPoint = column.change { $0.imageShift }
        let shift = isRaw ? beside + read(\.lowDose.offset) : .zero
        guard let upward = buffer.details.places(width: width, height: height, lookingBeside: shift) else {
            throw .sentence("The image has no stage position or its scale is not known, in line:")
        }
        return upward.after(Affine(xx: 1, xy: 0, yx: 0, yy: -1, dy: Double(height)))
    }

    private func stagePosToBufImagePos(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let inverse = try places(call).map.inverse else { throw .sentence("The image's scale is not known, in line:") }
        let place = inverse(call.number(2), call.number(3))
        return .numbers(place.x, place.y)
    }
}

extension Affine {
    fileprivate var values: [SerialEMValue] { .numbers(xx, xy, yx, yy, dx, dy) }
}

extension ImageBuffer {
    /// The piece of a montage that shows a place of its overview best, and the place in it; y down from the top. nil where there is none.
    fileprivate func piece(atX x: Double, y: Double) -> (number: Int, x: Double, y: Double)? {
        let (across, up) = (x * Double(zoom), (Double(image.height) - y) * Double(zoom))
        let seen = pieces.map { piece in (piece: piece, x: across - Double(piece.x), y: up - Double(piece.y)) }
        let inside = seen.filter {
            (0...Double(pieceSize.width)).contains($0.x) && (0...Double(pieceSize.height)).contains($0.y)
        }
        let best = inside.max { fromEdge($0.x, $0.y) < fromEdge($1.x, $1.y) }
        return best.map { ($0.piece.number, $0.x, Double(pieceSize.height) - $0.y) }
    }

    private func fromEdge(_ x: Double, _ y: Double) -> Double {
        min(min(x, Double(pieceSize.width) - x), min(y, Double(pieceSize.height) - y))
    }
}
