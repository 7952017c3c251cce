import Imaging
import RunModel
import Simulator

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

    /// e/Å² in a second.
    private var doseRate: Double { magnification.map { $0.electronRate / ($0.pixelSize * $0.pixelSize) } ?? 0 }
    /// e/Å².
    var dose: Double { exposure * doseRate }

    /// From pixels of an image of this size, right and up of its lower left corner, to the stage.
    func places(width: Int, height: Int, lookingBeside shift: SpecimenPoint) -> Affine? {
        guard let magnification, pixelSize > 0 else { return nil }
        var map = Affine.turn(degrees: magnification.rotation, scale: pixelSize / 10_000)
        let corner = map.turning(Double(width) / 2, Double(height) / 2)
        let middle = centre - shift
        (map.dx, map.dy) = (middle.x - corner.x, middle.y - corner.y)
        return map
    }
}

/// As an autodoc has them, in SerialEM's order. Readers lose the last line of a section, so none that they need stands there.
extension ImageDetails {
    func fields(of image: Image?) -> [MDocField] {
        (image.map(Self.range) ?? []) + placeFields + beamFields + cameraFields + frameFields + lastFields
    }

    private static func range(of image: Image) -> [MDocField] {
        let statistics = image.statistics
        let values = [Double(statistics.minimum), Double(statistics.maximum), statistics.mean].map { $0.short(3) }
        return [MDocField("MinMaxMean", values.joined(separator: " "))]
    }

    private var placeFields: [MDocField] {
        [
            MDocField("TiltAngle", tilt.short(4)),
            MDocField("StagePosition", "\(stage.x.micrometres.decimals(4)) \(stage.y.micrometres.decimals(4))"),
            MDocField("StageZ", stage.z.micrometres.decimals(4)),
        ]
    }

    private var beamFields: [MDocField] {
        let shift = ImageShiftUnits.units(imageShift)
        return [
            MDocField("Magnification", (magnification?.nominal ?? 0).short(1)),
            MDocField("Intensity", (intensity / 100).decimals(6)),
            MDocField("ExposureDose", dose.decimals(6)), MDocField("DoseRate", (magnification?.electronRate ?? 0).decimals(4)),
            MDocField("PixelSpacing", pixelSize.decimals(4)), MDocField("SpotSize", "\(spot)"),
            MDocField("Defocus", defocus.decimals(4)), MDocField("ImageShift", "\(shift.x.decimals(6)) \(shift.y.decimals(6))"),
            MDocField("RotationAngle", (magnification?.rotation ?? 0).decimals(2)),
        ]
    }

    private var cameraFields: [MDocField] {
        [
            MDocField("ExposureTime", exposure.short(5)), MDocField("Binning", "\(binning)"), MDocField("CameraIndex", "0"),
            MDocField("DividedBy2", "0"), MDocField("OperatingMode", "1"), MDocField("UsingCDS", "0"),
            MDocField("MagIndex", "\(magnification?.index ?? 0)"),
            MDocField("LowDoseConSet", isLowDose ? "\(set?.rawValue ?? -1)" : "-1"), MDocField("CountsPerElectron", "1"),
            MDocField("TargetDefocus", targetDefocus.decimals(4)),
        ]
    }

    private var frameFields: [MDocField] {
        guard let frames else { return [] }
        return [
            MDocField("SubFramePath", frames.path.text), MDocField("NumSubFrames", "\(frames.count)"),
            MDocField("FrameDosesAndNumber", "\((dose / Double(max(1, frames.count))).decimals(4)) \(frames.count)"),
        ]
    }

    /// In whole seconds, as SerialEM's clock counts them.
    var timeStamp: MDocField { MDocField("TimeStamp", seconds.rounded(.down).decimals(0)) }

    private var lastFields: [MDocField] {
        [
            MDocField("DateTime", WallTime(at).autodoc),
            MDocField("FilterSlitAndLoss", "\((slit.isIn ? slit.width : 0).short(2)) \(slit.loss.short(2))"),
            MDocField("CameraPixelSize", "5"), MDocField("Voltage", voltage.short(1)),
            timeStamp,
        ]
    }
}
