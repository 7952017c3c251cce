import Microscope

/// Which part of the chip is read, and how: what scripts set besides exposure and binning.
extension SimulatedSerialEM {
    static let chipRows: [ScriptCommand] = [
        .init("SelectCamera", "I", selectCamera), .init("SetK2ReadMode", "SI", setReadMode),
        .init("ReportReadMode", "S", reportReadMode), .init("SetCameraArea", "SSiii", setCameraArea),
        .init("SetCenteredSize", "SDII", setCenteredSize), .init("ReportCameraSetArea", "S", reportCameraSetArea),
        .init("SetProcessing", "SI", setProcessing), .init("SetFrameTime", "SD", setFrameTime),
        .init("ChangeFrameAndExposure", "SD", changeFrameAndExposure),
        .init("ReportK3CDSmode") { _ in { _ in [.count(0)] } }, .init("RetractCamera", "", doNothing),
        .init("ReportFrameSavingPath", "", reportFrameSavingPath), .init("ReportCameraProperty", "IS", reportCameraProperty),
        .init("AcquireToMatchBuffer", "S", acts: acquireToMatchBuffer), .init("ImageLowDoseSet", "s", imageLowDoseSet),
        .init("AccumulateRecordDose", "D", doNothing), .init("AreaForCumulRecordDose", "I", doNothing),
    ]

    private func selectCamera(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.integer(0) > 0 else { throw .sentence("Camera number out of range, in line:") }
        try checkCamera(call.integer(0))
        change { $0.sets.restore(nil) }
        return .nothing
    }

    private func setReadMode(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, mode) = (try set(call), call.integer(1))
        guard (0...3).contains(mode) else { throw .sentence("There is no read mode \(mode), in line:") }
        change { $0.sets[set].readMode = mode }
        return .nothing
    }

    private func reportReadMode(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.sets)[try set(call)].readMode)]
    }

    private func setProcessing(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, processing) = (try set(call), call.integer(1))
        guard (0...2).contains(processing) else { throw .sentence("There is no processing \(processing), in line:") }
        change { $0.sets[set].processing = processing }
        return .nothing
    }

    private func setFrameTime(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, time) = (try set(call), call.number(1))
        guard (0.001...100).contains(time) else {
            throw .sentence("The frame time of \(time.short(4)) is out of range, in line:")
        }
        change { $0.sets[set].frameTime = time }
        return .nothing
    }

    private func changeFrameAndExposure(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, factor) = (try set(call), call.number(1))
        let present = read(\.sets)[set]
        guard (0.001...100).contains(present.frameTime * factor), (0.001...100).contains(present.exposure * factor) else {
            throw .sentence("The factor \(factor.short(4)) is out of range, in line:")
        }
        change {
            $0.sets[set].frameTime *= factor
            $0.sets[set].exposure *= factor
        }
        return .nothing
    }

    /// Full, half or a quarter, or its edges in unbinned pixels; it lies around the middle in any case.
    private func setCameraArea(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let set = try set(call)
        let (width, height) = (camera.optics.width, camera.optics.height)
        let area: CameraParameters.Area? =
            switch call.text(1).uppercased() {
            case "F": nil
            case "H": .init(width: width / 2, height: height / 2)
            case "Q": .init(width: width / 4, height: height / 4)
            case "WH": .init(width: width, height: height / 2)
            case "WQ": .init(width: width / 2, height: height / 4)
            default: .init(width: call.integer(2) - call.integer(1), height: call.integer(4) - call.integer(3))
            }
        try use(area, for: set)
        return .nothing
    }

    private func setCenteredSize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (set, binning) = (try set(call), call.integer(1))
        guard Self.binnings.contains(binning) else {
            throw .sentence("\(call.text(1)) is not a binning of this camera, in line:")
        }
        try use(.init(width: call.integer(2) * binning, height: call.integer(3) * binning), for: set)
        change { $0.sets[set].binning = binning }
        return .nothing
    }

    private func use(_ area: CameraParameters.Area?, for set: CameraSet) throws(SerialEMProblem) {
        if let area {
            guard (16...camera.optics.width).contains(area.width), (16...camera.optics.height).contains(area.height) else {
                throw .sentence("The camera has no area of \(area.width) by \(area.height) pixels, in line:")
            }
        }
        change { $0.sets[set].area = area }
    }

    private func reportCameraSetArea(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let parameters = read(\.sets)[try set(call)]
        let (width, height) = (camera.optics.width, camera.optics.height)
        let area = parameters.area ?? .init(width: width, height: height)
        let (left, top) = ((width - area.width) / 2, (height - area.height) / 2)
        return .numbers(
            Double(area.width / parameters.binning), Double(area.height / parameters.binning), Double(left),
            Double(left + area.width), Double(top), Double(top + area.height))
    }

    private func reportFrameSavingPath(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.text(read(\.frames).folder?.text ?? #"C:\SerialEM\Frames"#)]
    }

    private func reportCameraProperty(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try checkCamera(call.integer(0))
        let known: [String: Double] = [
            "sizex": Double(camera.optics.width), "sizey": Double(camera.optics.height), "pixelsize": 5, "k2type": 0,
            "countsperelectron": 1, "rotationandflip": 0, "extrarotation": 0,
        ]
        guard let value = known[call.text(1).lowercased()] else {
            throw .sentence("\(call.text(1).prefix(60)) is not a property of a camera that can be asked for, in line:")
        }
        return [.number(value)]
    }

    /// With the exposure, the binning and the size of an image that is there.
    private func acquireToMatchBuffer(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        guard let set = buffer.details.set, buffer.details.exposure > 0 else {
            throw .sentence("It is not known how the image was taken, in line:")
        }
        var setting = try await prepare(set)
        var parameters = setting.parameters
        (parameters.exposure, parameters.binning) = (buffer.details.exposure, buffer.details.binning)
        setting = Setting(
            set: set, parameters: parameters, magnification: setting.magnification,
            size: (
                min(buffer.image.width, camera.optics.width / parameters.binning),
                min(buffer.image.height, camera.optics.height / parameters.binning)
            ))
        let taken = try await takeStill(setting, call)
        change { $0.buffers.roll(in: taken) }
        return .nothing
    }

    /// The set's number, -1 where nobody knows it, and whether the image was taken in low dose.
    private func imageLowDoseSet(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let details = try buffer(call, 0).details
        return .numbers(Double(details.set?.rawValue ?? -1), details.isLowDose ? 1 : 0)
    }
}
