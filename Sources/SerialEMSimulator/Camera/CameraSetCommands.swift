import Microscope

extension SimulatedSerialEM {
    static let setAnswers: [SerialEMCommand: Answer] = [
        .setExposure: setExposure, .setBinning: setBinning, .setDoseFracParams: setDoseFracParams,
        .restoreCameraSet: restoreCameraSet,
        .keepCameraSetChanges: keepCameraSetChanges, .reportExposure: reportExposure, .reportBinning: reportBinning,
        .reportCurrentPixelSize: reportCurrentPixelSize, .cameraProperties: cameraProperties, .reportCameraName: reportCameraName,
    ]
    static let binnings = [1, 2, 4, 8]

    private func setExposure(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, exposure) = (try set(call), call.number(1))
        guard exposure > 0, exposure <= 100 else {
            throw .sentence("The exposure time of \(exposure.short(3)) is out of range, in line:")
        }
        change {
            $0.sets[set].exposure = exposure
            if let settling = call.number(ifAny: 2) { $0.sets[set].settling = min(max(0, settling), 100) }
        }
        return .nothing
    }

    private func setBinning(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, binning) = (try set(call), call.integer(1))
        guard Self.binnings.contains(binning) else {
            throw .sentence("\(call.text(1)) is not a binning of this camera, in line:")
        }
        change { $0.sets[set].binning = binning }
        return .nothing
    }

    private func setDoseFracParams(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let set = try set(call)
        change {
            var parameters = $0.sets[set]
            parameters.isFractionated = call.isSet(1)
            if call.has(2) { parameters.savesFrames = call.isSet(2) }
            parameters.alignment = call.integer(ifAny: 3) ?? parameters.alignment
            parameters.alignmentMethod = call.integer(ifAny: 4) ?? parameters.alignmentMethod
            parameters.sums = call.integer(ifAny: 5) ?? parameters.sums
            $0.sets[set] = parameters
        }
        return .nothing
    }

    private func restoreCameraSet(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let set = call.has(0) ? try set(call) : nil
        change { $0.sets.restore(set) }
        return .nothing
    }

    private func keepCameraSetChanges(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let set = call.has(0) ? try set(call) : nil
        change { $0.sets.keep(set) }
        return .nothing
    }

    private func reportExposure(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let parameters = read(\.sets)[try set(call)]
        return .numbers(parameters.exposure, parameters.settling)
    }

    private func reportBinning(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.sets)[try set(call)].binning)]
    }

    private func reportCurrentPixelSize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let set = try set(call)
        let nanometres = magnification(for: set).pixelSize * Double(read(\.sets)[set].binning) / 10
        return [.number(nanometres)]
    }

    /// The magnification that an image with this set would be taken at.
    func magnification(for set: CameraSet) -> Magnification {
        let lowDose = read(\.lowDose)
        guard lowDose.isOn, let own = magnifications[lowDose[set.area].magIndex] else { return magnification }
        return own
    }

    private func cameraProperties(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try checkCamera(call.integer(ifAny: 0) ?? 1)
        let entry = try magnification(call.integer(1))
        return .numbers(Double(camera.optics.width), Double(camera.optics.height), 0, 5, entry.pixelSize / 10, 1)
    }

    private func reportCameraName(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try checkCamera(call.integer(0))
        return [.text("Simulated")]
    }

    func checkCamera(_ number: Int) throws(SerialEMProblem) {
        guard number <= 1 else { throw .sentence("There is no active camera of number \(number), in line:") }
    }

    func set(_ call: SerialEMCall) throws(SerialEMProblem) -> CameraSet {
        guard let set = CameraSet(call.text(0)) else {
            throw .sentence("\(call.text(0).prefix(40)) is not a set of camera parameters, in line:")
        }
        return set
    }
}
