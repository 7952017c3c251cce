import Imaging
import Microscope
import RunModel
import Simulator

/// Montages: the stage goes to each piece, which is saved as it comes.
extension SimulatedSerialEM {
    func montage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        var file = try presentFile()
        guard file.isMontage else { throw .sentence("A montage file must be open to take a montage, in line:") }
        guard file.sections == 0 else { throw .sentence("The montage is in the open file already, in line:") }
        _ = try await moveScreen(down: false)
        var setting = montageSetting()
        let (plan, chip) = (read(\.montage), chip(setting))
        let layout = plan.layout(width: chip.width, height: chip.height)
        setting.size = (layout.width, layout.height)
        let centre = plan.centre ?? SpecimenPoint(column.change { $0.goniometer.position })
        let (isDiskFull, zoom) = (has(.diskFull), Self.zoom(layout))
        var tiles: [Montage.Tile] = []
        var last: ImageBuffer?
        for piece in layout.pieces {
            let buffer = try await take(piece, layout, around: centre, setting, call, file.host)
            if isDiskFull { throw .sentence("The piece was not saved, there is no space on the disk, in line:") }
            file = try await append(buffer, to: file, at: (piece.x, piece.y))
            let grown = file
            change { $0.files.present = grown }
            tiles.append(try await work { Self.tile(buffer.image, piece, zoom: zoom) })
            last = buffer
        }
        if let last { try await finish(file, layout, around: centre, tiles, last, call) }
        return .nothing
    }

    private func take(
        _ piece: MontageLayout.Piece, _ layout: MontageLayout, around centre: SpecimenPoint, _ setting: Setting,
        _ call: SerialEMCall,
        _ file: String
    ) async throws(SerialEMProblem) -> ImageBuffer {
        let scale = Double(setting.parameters.binning)
        let place = centre + setting.magnification.specimen.turning(layout.offset(of: piece) * scale)
        try await move(to: place, call)
        let client = call.client
        let exposure = try openShutter(setting, call) { body, moment, _ in
            body.write(.exposure, client: client, at: moment, name: "montage", preset: "M", file: file)
        }
        try await wait(setting.parameters.exposure)
        let image = try await work { [camera] in camera.picture(exposure.order) }
        return ImageBuffer(image: image, pixel: .int16, details: exposure.details)
    }

    private func move(to place: SpecimenPoint, _ call: SerialEMCall) async throws(SerialEMProblem) {
        let (target, seconds) = try act { body, _ throws(MicroscopeError) in
            let target = StagePosition(x: .micrometres(place.x), y: .micrometres(place.y), z: body.goniometer.position.z)
            try body.checkReach(target)
            body.motion = call.ticket
            return (target, body.secondsToMove(to: target))
        }
        try await wait(seconds)
        try act { body, moment in
            body.goniometer.move(to: target, at: moment.at)
            body.motion = nil
        }
    }

    /// As large as the overview shows it: a long montage would not fit into memory otherwise.
    private static func tile(_ image: Image, _ piece: MontageLayout.Piece, zoom: Int) -> Montage.Tile {
        Montage.Tile(image: image.binned(by: zoom), x: (piece.x + zoom / 2) / zoom, y: (piece.y + zoom / 2) / zoom)
    }

    /// The overview comes to buffer B, the last piece to A, and the stage back to the middle.
    private func finish(
        _ file: OpenFile, _ layout: MontageLayout, around centre: SpecimenPoint, _ tiles: [Montage.Tile], _ last: ImageBuffer,
        _ call: SerialEMCall
    ) async throws(SerialEMProblem) {
        let image = try await work { Montage(tiles)?.image ?? last.image }
        var described = file
        described.document.sections.append(Self.section(last.details, centre))
        let whole = described
        try await write(whole.document, to: whole.documentFile)
        var overview = Self.overview(image, layout, around: centre, last.details)
        overview.saved = SavedImage(file: whole.path, section: 0, isMontage: true)
        let shown = overview
        change {
            $0.files.present = whole
            $0.buffers.roll(in: shown)
            $0.buffers.roll(in: last)
        }
        try await move(to: centre, call)
    }

    /// An overview is no longer than two thousand pixels or so, as SerialEM shows it.
    private static func zoom(_ layout: MontageLayout) -> Int {
        max(1, (max(layout.wholeWidth, layout.wholeHeight) + 2047) / 2048)
    }

    private static func section(_ details: ImageDetails, _ centre: SpecimenPoint) -> MDoc.Section {
        MDoc.Section(
            kind: "MontSection", name: "0",
            fields: [
                MDocField("StagePosition", "\(centre.x.decimals(4)) \(centre.y.decimals(4))"),
                MDocField("PixelSpacing", details.pixelSize.decimals(4)), details.timeStamp,
            ])
    }

    private static func overview(
        _ image: Image, _ layout: MontageLayout, around centre: SpecimenPoint, _ last: ImageDetails
    ) -> ImageBuffer {
        let zoom = zoom(layout)
        var details = last
        details.binning *= zoom
        details.pixelSize *= Double(zoom)
        let beside = last.centre - SpecimenPoint(last.stage)
        details.stage = StagePosition(x: .micrometres(centre.x), y: .micrometres(centre.y), z: last.stage.z)
        details.centre = centre + beside
        // Binning leaves out an incomplete last row and column, so what is left has its middle elsewhere.
        let lost = SpecimenPoint(
            x: Double(image.width * zoom - layout.wholeWidth) / 2, y: Double(image.height * zoom - layout.wholeHeight) / 2)
        let step = last.magnification?.specimen.turning(lost * Double(last.binning)) ?? .zero
        details.centre = details.centre + step
        details.stage = details.stage.moved(by: step.shift)
        var buffer = ImageBuffer(image: image, pixel: .int16, details: details)
        buffer.zoom = zoom
        buffer.pieceSize = (layout.width, layout.height)
        buffer.pieces = layout.pieces.enumerated().map { ImageBuffer.Piece(x: $1.x, y: $1.y, number: $0) }
        return buffer
    }
}
