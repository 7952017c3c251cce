import Imaging
import RunModel

/// Images of the low dose areas, through the buffer they lie in.
extension SerialEMMicroscope {
    public func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        let (image, toStage) = try await look(area)
        let moment = now()
        let picture = try await withPixels { givenUp throws(MicroscopeError) in
            if givenUp.isSet { throw .cancelled }
            guard let picture = StagePicture(image.image, toStage: toStage) else { throw Self.nowhere }
            return picture
        }
        return try await keep(picture, file, at: moment)
    }

    /// On the disk here, where the session has it.
    func keep(_ picture: StagePicture, _ file: String, at moment: Timestamp) async throws(MicroscopeError) -> MapImage {
        let outcome = try await withFile(file, size: .large) {
            Result { () throws(MicroscopeError) in try picture.write(to: file) }
        }
        try outcome.get()
        return picture.map(file: file, at: moment)
    }

    static let nowhere = MicroscopeError.refused("SerialEM does not know where its image lies on the stage")

    /// One image, and how its pixels lie on the stage.
    func look(_ area: LowDoseArea) async throws(MicroscopeError) -> (image: SerialEMImage, toStage: Affine) {
        try await openNavigator()
        try await checkBeam()
        try await call(area.command)
        guard let image = try await connection().image(in: .a) else { throw .refused("no image came") }
        return (image, try await placeOnStage(.a, height: image.height))
    }

    /// Only the Navigator knows how images lie on the stage.
    func openNavigator() async throws(MicroscopeError) {
        guard !state.withLock({ $0.isNavigatorOpen }) else { return }
        if try await call(.reportIfNavOpen).number(0) == 0 { try await call(.openNavigator) }
        state.withLock { $0.isNavigatorOpen = true }
    }

    func checkBeam() async throws(MicroscopeError) {
        guard try await areValvesOpen() else { throw .valveClosed }
    }

    /// Where the stage is moved to for a pixel of the image to be centred without image shift.
    ///
    /// 1: SerialEM tells of places as the stage is moved to them at the present magnification and image shift, and not as its Navigator
    /// lists them. It counts rows from the top and from the corner of the first pixel.
    func placeOnStage(_ buffer: SerialEMBuffer, height: Int) async throws(MicroscopeError) -> Affine {
        let m = try await call(.bufImageToStageMatrix, .text(buffer.rawValue), .integer(1)).numbers(6)
        let shift = try await presentShift()
        return Affine(
            xx: m[0], xy: m[1], yx: m[2], yy: m[3], dx: m[4] + shift.x.micrometres, dy: m[5] + shift.y.micrometres
        )
        .after(Affine(xx: 1, xy: 0, yx: 0, yy: -1, dx: 0.5, dy: Double(height) - 0.5))
    }
}

extension LowDoseArea {
    fileprivate var command: SerialEMCommand {
        switch self {
        case .search: .search
        case .view: .view
        case .focus: .focus
        // A Record exposure is a movie's: whoever only wants to look takes a Preview.
        case .record, .preview: .preview
        }
    }
}
