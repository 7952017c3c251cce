import Imaging
import Microscope
import RunModel
import Simulator

/// An exposure whose shutter has opened: what the camera will show of it, and what the program knows about it.
struct BegunExposure: Sendable {
    let order: PictureOrder
    let details: ImageDetails
}

/// What the column shows the camera, and how far the specimen has crept since the stage came to rest, Å.
struct Look: Sendable {
    var view: CameraView
    var creep: SpecimenPoint
}

extension SimulatedSerialEM {
    /// A set as it would be used now.
    struct Setting: Sendable {
        let set: CameraSet
        let parameters: CameraParameters
        let magnification: Magnification
        /// Pixels of the image; nil for the whole chip.
        var size: (width: Int, height: Int)?
    }

    func setting(_ set: CameraSet) -> Setting {
        let parameters = read(\.sets)[set]
        let size = parameters.area.map { ($0.width / parameters.binning, $0.height / parameters.binning) }
        return Setting(set: set, parameters: parameters, magnification: magnification, size: size)
    }

    /// Opens the shutter: from here on the specimen has been exposed, whatever becomes of the image.
    ///
    /// `write` puts it into the column's ledger in the same moment, and may change what the camera will hand over.
    func openShutter(
        _ setting: Setting, _ call: SerialEMCall,
        write: @Sendable (inout ColumnBody, Moment, inout Look) -> Void
    ) throws(SerialEMProblem) -> BegunExposure {
        let offset = read(\.lowDose.offset)
        let seen = try act { body, moment throws(MicroscopeError) in
            let view = try body.beside(offset) { body throws(MicroscopeError) in try body.view(at: moment, for: call.name) }
            let drift = DriftReading(body, at: moment)
            var look = Look(view: view, creep: change { $0.drift.advance(to: drift) })
            write(&body, moment, &look)
            return (look: look, details: Self.details(setting, body, offset, moment))
        }
        var details = completed(seen.details)
        details.isCutShort = seen.look.view.isCutShort
        return BegunExposure(order: order(setting, seen.look), details: details)
    }

    private func order(_ setting: Setting, _ look: Look) -> PictureOrder {
        let binning = setting.parameters.binning
        var view = look.view
        if read(\.optics.isBlanked) && !read(\.lowDose.isOn) { view.isDark = true }
        return PictureOrder(
            view: view, magnification: setting.magnification,
            width: max(1, setting.size?.width ?? camera.optics.width / binning),
            height: max(1, setting.size?.height ?? camera.optics.height / binning),
            binning: binning, exposure: setting.parameters.exposure, creep: look.creep)
    }

    private static func details(_ setting: Setting, _ body: ColumnBody, _ offset: SpecimenPoint, _ moment: Moment) -> ImageDetails
    {
        var details = ImageDetails()
        details.set = setting.set
        details.binning = setting.parameters.binning
        details.exposure = setting.parameters.exposure
        details.pixelSize = setting.magnification.pixelSize * Double(setting.parameters.binning)
        details.magnification = setting.magnification
        details.stage = body.goniometer.position
        details.tilt = body.goniometer.tilt
        details.imageShift = body.imageShift
        details.centre = SpecimenPoint(body.goniometer.position) + body.imageShift + offset
        details.defocus = body.lens.defocus
        details.voltage = body.settings.voltage
        details.seconds = body.elapsed(at: moment)
        details.at = moment.at
        return details
    }

    private func completed(_ details: ImageDetails) -> ImageDetails {
        var details = details
        let (optics, filter) = (read(\.optics), read(\.filter))
        details.spot = optics.spot
        details.intensity = optics.intensity
        details.slit = (filter.width, filter.loss, filter.isIn)
        details.isLowDose = read(\.lowDose.isOn)
        details.targetDefocus = read(\.focus.target)
        return details
    }
}
