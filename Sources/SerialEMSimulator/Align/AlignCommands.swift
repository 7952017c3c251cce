import Imaging
import Microscope
import RunModel
import Simulator

/// Aligning what is in buffer A to another image.
extension SimulatedSerialEM {
    static let alignAnswers: [SerialEMCommand: Answer] = [.reportAlignShift: reportAlignShift]
    static let alignActions: [SerialEMCommand: Action] = [.alignTo: alignTo, .autoAlign: autoAlign]
    static let alignRows: [ScriptCommand] = [
        .init("ReportISforBufferShift", "", reportISforBufferShift), .init("ClearAlignment", "i", clearAlignment),
        .init("AlignBetweenMags", "SDDDddi", acts: alignBetweenMags),
    ]

    private func alignTo(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let reference = try buffer(call, 0)
        return try await align(to: reference, isShifting: !call.isSet(1))
    }

    /// To the first of the buffers that no new image rolls into, or to the image before where that is empty.
    private func autoAlign(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffers = read(\.buffers)
        guard let reference = (buffers.rolling..<ImageBuffers.count).lazy.compactMap({ buffers[$0] }).first ?? buffers[1]
        else {
            throw .sentence("There is no image to align to, in line:")
        }
        return try await align(to: reference, isShifting: true)
    }

    private func align(to reference: ImageBuffer, isShifting: Bool) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard let buffer = read(\.buffers)[0] else { throw .sentence("There is no image in buffer A, in line:") }
        let shift = try await work { () throws(SerialEMProblem) in
            do throws(ImagingError) { return try Self.shift(of: buffer, to: reference) } catch { throw SerialEMProblem(error) }
        }
        change { $0.buffers[0]?.alignment = shift }
        if isShifting { try await apply(shift, of: buffer) }
        return [.count(0)]
    }

    /// By how many pixels of the image its content must go, right and up.
    private static func shift(of buffer: ImageBuffer, to reference: ImageBuffer) throws(ImagingError) -> SpecimenPoint {
        let (image, fitted) = reference.fitted(to: buffer)
        let offset = try Correlation.offset(of: image, against: fitted)
        return SpecimenPoint(x: -offset.shift.x, y: -offset.shift.y)
    }

    private func apply(_ shift: SpecimenPoint, of buffer: ImageBuffer) async throws(SerialEMProblem) {
        // The content is to go by the shift, so the place in the middle goes the other way.
        let step = specimen(of: shift, in: buffer) * -1
        let limit = shiftLimit(magnification)
        let isDone = column.change { body in
            guard (body.imageShift + step).shift.length <= limit else { return false }
            body.imageShift = body.imageShift + step
            return true
        }
        guard isDone else { throw .sentence("The image shift needed to align is out of range, in line:") }
        try await wait(durations.imageShift)
    }

    /// µm along the stage's axes; none where nobody knows how large a pixel is.
    private func specimen(of shift: SpecimenPoint, in buffer: ImageBuffer) -> SpecimenPoint {
        guard let magnification = buffer.details.magnification else { return .zero }
        let unbinned = buffer.details.pixelSize / magnification.pixelSize
        return cameraToSpecimen(magnification).turning(shift * unbinned)
    }

    /// The shift of the image in A as it is stored: unbinned pixels, µm along the stage's axes and units of image shift.
    func storedShift() -> (pixels: SpecimenPoint, specimen: SpecimenPoint, units: SpecimenPoint)? {
        guard let buffer = read(\.buffers)[0] else { return nil }
        let shift = specimen(of: buffer.alignment, in: buffer)
        return (buffer.alignment * Double(buffer.details.binning), shift, ImageShiftUnits.units(shift))
    }

    private func reportAlignShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let shift = storedShift() else { return .nothing }
        let along = shift.units * (1000 / ImageShiftUnits.scale)
        return .numbers(
            shift.pixels.x, shift.pixels.y, abs(along.x), abs(along.y), shift.specimen.x * 1000, shift.specimen.y * 1000)
    }

    /// The image shift that would make what is stored.
    private func reportISforBufferShift(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let shift = storedShift() else { return .nothing }
        return .numbers(-shift.units.x, -shift.units.y)
    }

    private func clearAlignment(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.buffers[0]?.alignment = .zero }
        return .nothing
    }

    /// The image in A, at its own scale, against an image of any other: the shift is stored and made as by `AlignTo`.
    private func alignBetweenMags(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let reference = try buffer(call, 0)
        guard reference.details.pixelSize > 0 else { throw .sentence("The pixel size of the image is not known, in line:") }
        return try await align(to: reference, isShifting: !call.isSet(6))
    }
}

extension ImageBuffer {
    /// The part of another image that both show around their middles, and this image at the scale and size of that part.
    fileprivate func fitted(to other: ImageBuffer) -> (other: Image, own: Image) {
        let (own, wanted) = (details.pixelSize, other.details.pixelSize)
        // Scales beyond these are slips of whoever wrote a file, and not worth believing.
        let ratio = own > 0 && wanted > 0 ? wanted / own : 1
        let scale = (0.02...50).contains(ratio) ? ratio : 1
        // Bins first, or coarse pixels would pick single fine ones.
        let bins = max(1, Int(scale))
        let coarse = image.binned(by: bins)
        let rest = scale / Double(bins)
        let width = max(1, min(other.image.width, Int(Double(coarse.width) / rest)))
        let height = max(1, min(other.image.height, Int(Double(coarse.height) / rest)))
        let left = (other.image.width - width) / 2
        let low = (other.image.height - height) / 2
        let part = other.image.cropped(x: left, y: low, width: width, height: height)
        let source = Affine(
            xx: rest, xy: 0, yx: 0, yy: rest,
            dx: Double(coarse.width - 1) / 2 + rest * (Double(left) - Double(other.image.width - 1) / 2),
            dy: Double(coarse.height - 1) / 2 + rest * (Double(low) - Double(other.image.height - 1) / 2))
        return (part, coarse.resampled(width: width, height: height, outside: Float(image.statistics.mean), through: source))
    }
}
