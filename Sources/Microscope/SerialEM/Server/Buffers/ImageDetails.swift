import Imaging
import RunModel

/// What is known of an image besides its pixels.
struct ImageDetails: Sendable {
    /// nil for one that was read from a file.
    var set: CameraSet?
    var binning = 1
    /// Seconds.
    var exposure = 0.0
    /// Å of a pixel of the image; 0 where nobody knows.
    var pixelSize = 0.0
    var magnification: Magnification?
    var stage = StagePosition(x: .zero, y: .zero)
    var tilt = 0.0
    /// µm along the stage's axes.
    var imageShift = SpecimenPoint.zero
    /// What the program takes for the place in the middle of the image: the stage, the image shift and the area's own.
    var centre = SpecimenPoint.zero
    /// µm.
    var defocus = 0.0
    var targetDefocus = 0.0
    var spot = 0
    var intensity = 0.0
    var slit = (width: 0.0, loss: 0.0, isIn: false)
    var voltage = 0.0
    var isLowDose = false
    /// Seconds of the column's time.
    var seconds = 0.0
    var at = Timestamp(milliseconds: 0)
    var frames: SavedFrames?
    /// Only the first half of it will reach the disk.
    var isCutShort = false

    /// e/Å².
    var dose: Double { (magnification?.pixelSize ?? 100) < 10 ? exposure * CameraParameters.doseRate : exposure * 0.1 }

    /// From pixels of an image of this size, right and up of its lower left corner, to the stage.
    func places(width: Int, height: Int, isRaw: Bool) -> Affine? {
        guard let magnification, pixelSize > 0 else { return nil }
        var map = Affine.turn(degrees: magnification.rotation, scale: pixelSize / 10_000)
        let corner = map.turning(Double(width) / 2, Double(height) / 2)
        let middle = isRaw ? SpecimenPoint(stage) : centre
        (map.dx, map.dy) = (middle.x - corner.x, middle.y - corner.y)
        return map
    }
}

/// As an autodoc has them, in SerialEM's order. Readers lose the last line of a section, so none that they need stands there.
extension ImageDetails {
    func fields(of image: Image?) -> [MDocField] {
        var fields: [MDocField] = []
        func add(_ key: String, _ value: String) { fields.append(MDocField(key, value)) }
        if let image {
            let statistics = image.statistics
            add(
                "MinMaxMean",
                "\(Double(statistics.minimum).short(3)) \(Double(statistics.maximum).short(3)) \(statistics.mean.short(3))")
        }
        add("TiltAngle", tilt.short(4))
        add("StagePosition", "\(stage.x.micrometres.decimals(4)) \(stage.y.micrometres.decimals(4))")
        add("StageZ", stage.z.micrometres.decimals(4))
        add("Magnification", (magnification?.nominal ?? 0).short(1))
        add("Intensity", (intensity / 100).decimals(6))
        add("ExposureDose", dose.decimals(4))
        add("DoseRate", (exposure > 0 ? dose / exposure * pixelSize * pixelSize : 0).decimals(4))
        add("PixelSpacing", pixelSize.decimals(4))
        add("SpotSize", "\(spot)")
        add("Defocus", defocus.decimals(4))
        let units = ImageShiftUnits.units(imageShift)
        add("ImageShift", "\(units.x.decimals(6)) \(units.y.decimals(6))")
        add("RotationAngle", (magnification?.rotation ?? 0).decimals(2))
        add("ExposureTime", exposure.short(5))
        add("Binning", "\(binning)")
        add("CameraIndex", "0")
        add("DividedBy2", "0")
        add("OperatingMode", "1")
        add("UsingCDS", "0")
        add("MagIndex", "\(magnification?.index ?? 0)")
        add("LowDoseConSet", isLowDose ? "\(set?.rawValue ?? -1)" : "-1")
        add("CountsPerElectron", "1")
        add("TargetDefocus", targetDefocus.decimals(4))
        if let frames {
            add("SubFramePath", frames.path.text)
            add("NumSubFrames", "\(frames.count)")
            add("FrameDosesAndNumber", "\((dose / Double(max(1, frames.count))).decimals(4)) \(frames.count)")
        }
        add("DateTime", WallTime(at).autodoc)
        add("FilterSlitAndLoss", "\((slit.isIn ? slit.width : 0).short(2)) \(slit.loss.short(2))")
        add("CameraPixelSize", "5")
        add("Voltage", voltage.short(1))
        add("TimeStamp", seconds.decimals(3))
        return fields
    }
}
