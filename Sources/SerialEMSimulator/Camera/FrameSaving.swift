import Imaging
import Microscope
import RunModel
import Simulator

/// Exposures whose frames are saved.
extension SimulatedSerialEM {
    /// `early`: how many frames the image is the sum of, where a number of them was asked for.
    func takeFrames(_ setting: Setting, _ call: SerialEMCall, summing early: Int?) async throws(SerialEMProblem) -> ImageBuffer {
        let (overhead, parameters) = (durations.recordOverhead, setting.parameters)
        let path = try await framesPath()
        let isDiskFull = has(.diskFull)
        try await wait(overhead + parameters.settling)
        let request = request(setting, disk.host(path))
        let exposure = try open(setting, request, call)
        try await wait(parameters.exposure)
        let summed = early.flatMap { $0 > 0 ? $0 : nil } ?? request.frames
        let isCutShort = isDiskFull || exposure.order.view.isCutShort
        let movie = try await work { [camera, frameKind] () throws(SerialEMProblem) in
            do throws(ImagingError) {
                return try camera.movie(exposure.order, request, frameKind, summing: summed, isCutShort: isCutShort)
            } catch {
                throw SerialEMProblem(error)
            }
        }
        let buffer = try await finish(setting, request, call, exposure, movie, path)
        if isDiskFull { throw .sentence("The frames were not saved completely, there is no space on the disk, in line:") }
        return buffer
    }

    private func finish(
        _ setting: Setting, _ request: ExposureRequest, _ call: SerialEMCall, _ exposure: BegunExposure,
        _ movie: WrittenMovie,
        _ path: WindowsPath
    ) async throws(SerialEMProblem) -> ImageBuffer {
        let saved = SavedFrames(path: path, count: movie.frames)
        let client = call.client
        try act { body, moment in body.closeShutter(for: request, written: movie.bytes, client: client, at: moment) }
        var details = exposure.details
        details.frames = saved
        // Its movie was; what is saved of it later is another file.
        details.isCutShort = false
        try await write(Self.autodoc(of: details, image: movie.sum), to: disk.host(path) + ".mdoc")
        change { $0.lastFrames = saved }
        try await wait(durations.recordOverhead)
        return ImageBuffer(image: movie.sum, pixel: .int16, details: details)
    }

    private func request(_ setting: Setting, _ file: String) -> ExposureRequest {
        let base = read(\.frames).base
        let name = base.isUsedInNames && !base.text.isEmpty ? base.text : "\(setting.set)"
        return ExposureRequest(
            name: name, file: file, frames: setting.parameters.frames, exposureTime: setting.parameters.exposure,
            dose: setting.parameters.dose)
    }

    private func open(_ setting: Setting, _ request: ExposureRequest, _ call: SerialEMCall) throws(SerialEMProblem)
        -> BegunExposure
    {
        let chip = (camera.optics.width / setting.parameters.binning, camera.optics.height / setting.parameters.binning)
        let (width, height) = setting.size ?? chip
        let bytes = 1024 + request.frames * width * height * 2
        let (client, letter) = (call.client, String(setting.set.letter))
        try act { body, moment in body.shutValvesIfDue(at: moment) }
        return try openShutter(setting, call) { body, moment, look in
            body.freezeIfDue(&look)
            body.noteExposure(request, preset: letter, bytes: bytes, client: client, at: moment)
        }
    }

    /// A name that no file has yet: SerialEM counts up rather than overwrite.
    private func framesPath() async throws(SerialEMProblem) -> WindowsPath {
        let naming = read(\.frames)
        var folder = try WindowsPath(#"C:\SerialEM\Frames"#, in: nil)
        if let chosen = naming.folder { folder = chosen }
        if naming.base.isUsedInFolders && !naming.base.text.isEmpty { folder = folder.appending(naming.base.text) }
        let base = naming.base.isUsedInNames && !naming.base.text.isEmpty ? naming.base.text : WallTime(moment.at).compact
        let chosen = folder
        return try await work { [disk, frameKind] () throws(SerialEMProblem) in
            try disk.makeFolder(disk.host(chosen))
            let ending = frameKind.ending
            var path = chosen.appending("\(base).\(ending)")
            var number = 1
            while disk.exists(disk.host(path)) {
                path = chosen.appending("\(base)_\(number).\(ending)")
                number += 1
            }
            return path
        }
    }

    /// Beside a frame file there are no titles: `T` is a key of the whole file.
    private static func autodoc(of details: ImageDetails, image: Image) -> MDoc {
        MDoc(
            globals: [
                MDocField("T", "SerialEM: Acquired on a simulated microscope"), MDocField("Voltage", details.voltage.short(1)),
                MDocField("PixelSpacing", details.pixelSize.decimals(4)),
                MDocField("ImageSize", "\(image.width) \(image.height)"),
            ],
            sections: [MDoc.Section(kind: "FrameSet", name: "0", fields: details.fields(of: nil))])
    }
}

extension ColumnBody {
    mutating func shutValvesIfDue(at moment: Moment) {
        if faults.takeOnce(.valveShut, where: { $0.number == exposuresBegun + 1 }) != nil { shutValves(at: moment) }
    }

    /// A camera that hands over its last exposure again does so to the last pixel.
    mutating func freezeIfDue(_ look: inout Look) {
        look.view.centre = look.view.centre - look.creep * 1e-4
        look.creep = .zero
        if let last = lastRecorded, faults.take(.frozenImages) != nil { look.view = last }
        lastRecorded = look.view
    }

    /// The shutter has opened for an exposure with frames.
    mutating func noteExposure(_ request: ExposureRequest, preset: String, bytes: Int, client: Int, at moment: Moment) {
        exposuresBegun += 1
        exposures[request.name] = Exposure(report: ExposureReport(frames: request.frames, bytes: bytes), file: request.file)
        write(.exposure, client: client, at: moment, name: request.name, preset: preset, exposure: request, bytes: bytes)
    }
}
