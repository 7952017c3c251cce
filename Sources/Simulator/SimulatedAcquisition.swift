import Microscope
import RunModel

/// Images, focus and movies.
extension SimulatedMicroscope {
    public func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        guard (1...15).contains(tiles) else { throw .refused("an atlas has 1 to 15 pieces along a side") }
        let perTile = durations.atlasTile
        let total = perTile * Double(tiles * tiles)
        try await askGate()
        var (ticket, _) = try begin(ColumnCommand(name: "acquireAtlas", args: ["\(tiles)", file], needsBeam: true)) { _ in total }
        var pieces: [CameraView] = []
        for index in 0..<tiles * tiles {
            try await wait(perTile, for: &ticket)
            pieces.append(try takePiece(index, tiles: tiles, ticket))
        }
        let size = try await expose(ticket) { [camera] () async throws(MicroscopeError) in
            try await camera.takeAtlas(pieces, tiles: tiles, into: file)
        }
        return try finish(ticket) { body, moment, client in
            body.write(.exposure, client: client, at: moment, name: "atlas", preset: "M", file: file)
            body.atlases[file] = body.placement
            body.moveStage(to: StagePosition(x: .zero, y: .zero), at: moment)
            return size.map(file: file, centre: StagePosition(x: .zero, y: .zero), at: moment)
        }
    }

    private func takePiece(_ index: Int, tiles: Int, _ ticket: ColumnTicket) throws(MicroscopeError) -> CameraView {
        let moment = moment
        let optics = camera.optics
        return try releasing(ticket) { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                guard let specimen = body.specimen else { throw .refused("no cartridge is on the stage") }
                let pitch = optics.atlasPixelSize(specimen, tiles: tiles)
                let place = StagePosition(
                    x: .ångströms((Double(index % tiles) - Double(tiles - 1) / 2) * pitch * Double(optics.width)),
                    y: .ångströms((Double(index / tiles) - Double(tiles - 1) / 2) * pitch * Double(optics.height)))
                body.imageShift = .zero
                body.moveStage(to: place, at: moment)
                return try body.view(at: moment, for: ticket.name)
            }
        }
    }

    public func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        let seconds = durations.image
        let command = ColumnCommand(name: "acquire", args: [area.letter, file], needsBeam: true)
        try await askGate()
        var (ticket, _) = try begin(command) { _ in seconds }
        try await wait(seconds, for: &ticket)
        let view = try look(ticket)
        let size = try await expose(ticket) { [camera] () async throws(MicroscopeError) in
            try await camera.take(area, of: view, into: file)
        }
        return try finish(ticket) { body, moment, client in
            body.write(.exposure, client: client, at: moment, name: area.rawValue, preset: area.letter, file: file)
            return size.map(file: file, centre: body.believedPosition, at: moment)
        }
    }

    public func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment {
        let seconds = durations.realign
        let command = ColumnCommand(name: "realign", args: [feature.kind.rawValue] + feature.position.words, needsBeam: true)
        try await askGate()
        var (ticket, _) = try begin(command) { body throws(MicroscopeError) in
            try body.checkReach(feature.position)
            return seconds
        }
        let moment = moment
        column.change { body in
            body.imageShift = .zero
            if body.goniometer.position.distance(to: feature.position) > .nanometres(1) {
                body.moveStage(to: feature.position, at: moment)
            }
        }
        try await wait(seconds, for: &ticket)
        let view = try look(ticket)
        let found = try await expose(ticket) { [camera] () async throws(MicroscopeError) in
            try await camera.find(feature, in: view)
        }
        return try finish(ticket) { body, moment, _ throws(MicroscopeError) in
            guard let found, found.correlation > 0.3 else { throw .notAligned(correlation: found?.correlation ?? 0) }
            body.moveStage(to: body.goniometer.position.moved(by: found.shift), at: moment)
            return Alignment(shift: found.shift, correlation: found.correlation, position: body.goniometer.position)
        }
    }

    public func findEucentricHeight() async throws(MicroscopeError) -> Length {
        let seconds = durations.eucentricHeight
        return try await perform(ColumnCommand(name: "findEucentricHeight", needsBeam: true), seconds: { _ in seconds }) {
            body, _, _ throws(MicroscopeError) in
            try body.checkBeam()
            return try body.findEucentricHeight()
        }
    }

    public func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        let seconds = durations.autofocus
        let command = ColumnCommand(name: "autofocus", args: ["\(target.micrometres)"], needsBeam: true)
        return try await perform(command, seconds: { _ in seconds }) { body, _, _ throws(MicroscopeError) in
            try body.checkBeam()
            return try body.autofocus(target: target)
        }
    }

    public func changeFocus(by change: Length) async throws(MicroscopeError) {
        let seconds = durations.focusChange
        try await perform(
            ColumnCommand(name: "changeFocus", args: ["\(change.micrometres)"]), seconds: { _ in seconds },
            effect: { body, _, _ in body.lens.defocus += change.micrometres })
    }

    public func measureDrift() async throws(MicroscopeError) -> Double {
        let seconds = durations.drift
        return try await perform(ColumnCommand(name: "measureDrift", needsBeam: true), seconds: { _ in seconds }) {
            body, moment, _ throws(MicroscopeError) in
            try body.checkBeam()
            return body.drift(at: moment).length
        }
    }

    func look(_ ticket: ColumnTicket) throws(MicroscopeError) -> CameraView {
        let moment = moment
        return try releasing(ticket) { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                try body.view(at: moment, for: ticket.name)
            }
        }
    }

    /// A camera at work. Where it ends otherwise than well, the column is free again; where it was cancelled, the link is closed.
    func expose<Value: Sendable>(
        _ ticket: ColumnTicket, _ work: () async throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        do throws(MicroscopeError) { return try await work() } catch {
            if error == .cancelled { abandon(ticket) } else { column.change { $0.release(ticket) } }
            throw error
        }
    }

    func releasing<Value>(
        _ ticket: ColumnTicket, _ work: () throws(MicroscopeError) -> Value
    ) throws(MicroscopeError) -> Value {
        do throws(MicroscopeError) { return try work() } catch {
            column.change { $0.release(ticket) }
            throw error
        }
    }
}

/// Record exposures and what is known of them afterwards.
extension SimulatedMicroscope {
    /// The ledger shows an exposure from the moment the shutter opens. A client that goes before leaves none; one that goes later
    /// leaves an exposure without a movie, which nobody can settle.
    public func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        let (overhead, exposure) = (durations.recordOverhead, request.exposureTime)
        let command = ColumnCommand(name: "record", args: [request.name, request.file], needsBeam: true)
        try await askGate()
        var (ticket, _) = try begin(command) { _ in 2 * overhead + exposure }
        try await wait(overhead, for: &ticket)
        let bytes = camera.movieBytes(frames: request.frames)
        let view = try open(ticket, request, bytes: bytes)
        try await wait(exposure, of: exposure + overhead, for: &ticket)
        let movie = try await expose(ticket) { [camera] () async throws(MicroscopeError) in
            try await camera.takeMovie(of: view, request)
        }
        let client = ticket.client
        column.change { [moment] body in
            body.closeShutter(for: request, written: movie.bytes, client: client, at: moment)
        }
        try await wait(overhead, for: &ticket)
        return try finish(ticket) { _, _, _ in
            ExposureReport(frames: request.frames, bytes: movie.bytes, reading: movie.reading)
        }
    }

    private func open(_ ticket: ColumnTicket, _ request: ExposureRequest, bytes: Int) throws(MicroscopeError) -> CameraView {
        let moment = moment
        return try releasing(ticket) { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                try body.openShutter(for: request, bytes: bytes, client: ticket.client, at: moment)
            }
        }
    }

    public func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        let (seconds, camera) = (durations.query, camera)
        let command = ColumnCommand(name: "evidence", args: [request.name], needsColumn: false, acts: false)
        return try await perform(command, seconds: { _ in seconds }) { body, moment, _ in
            body.settle(at: moment)
            return body.evidence(of: request.name) { camera.bytes(of: $0.file, noted: $0.notedBytes) }
        }
    }
}

extension ColumnBody {
    /// Where the goniometer and the image shift say that the beam falls.
    var believedPosition: StagePosition { goniometer.position.moved(by: imageShift.shift) }
}

extension PictureSize {
    func map(file: String, centre: StagePosition, at moment: Moment) -> MapImage {
        MapImage(file: file, width: width, height: height, pixelSize: pixelSize, centre: centre, takenAt: moment.at)
    }
}
