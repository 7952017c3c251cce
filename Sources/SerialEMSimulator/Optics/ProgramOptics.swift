import Simulator

/// The beam and the lenses, as far as the program sets them and nothing on the specimen depends on them.
struct ProgramOptics: Sendable {
    var magIndex: Int
    var spot = 5
    /// C2, percent.
    var intensity = 42.0
    var beamTilt = SpecimenPoint.zero
    var savedBeamTilt: SpecimenPoint?
    /// Units of the deflectors, which are about µm.
    var beamShift = SpecimenPoint.zero
    var stigmator = SpecimenPoint(x: 0.02, y: -0.01)
    var condenserStigmator = SpecimenPoint.zero
    /// Thermo Fisher's microprobe and nanoprobe.
    var isMicroprobe = true
    /// JEOL's, from 1.
    var alpha = 3
    var emission = 2
    var isScreenDown = false
    /// µm.
    var tiltAxisOffset = 0.0
    var isBlanked = false

    static let spots = 1...11

    /// Puts back the beam tilt that was saved and not restored.
    mutating func restoreBeamTilt() {
        beamTilt = savedBeamTilt ?? beamTilt
        savedBeamTilt = nil
    }
}

/// Units of SerialEM's image shift: along axes of their own and a little smaller than µm, as deflectors have them.
enum ImageShiftUnits {
    static let scale = 1.08
    private static let degrees = 33.0

    static func units(_ specimen: SpecimenPoint) -> SpecimenPoint {
        specimen.turned(by: degrees * .pi / 180) * scale
    }
    static func specimen(_ units: SpecimenPoint) -> SpecimenPoint {
        units.turned(by: -degrees * .pi / 180) * (1 / scale)
    }
}
