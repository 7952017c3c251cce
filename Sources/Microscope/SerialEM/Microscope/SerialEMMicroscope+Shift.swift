import Glibc
import RunModel

/// Image shift and focus.
extension SerialEMMicroscope {
    /// A shift of +s looks at what a stage move of +s would show. SerialEM knows how its coils and the stage lie to each other, also on a
    /// tilted stage; the height that is gained along the way is made up for by focus.
    public func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        guard shift.length <= settings.imageShiftLimit else { throw .outOfReach(Self.name(shift)) }
        let tilt = try await call(.reportTiltAngle).number(0) * .pi / 180
        let step = shift + -(try await presentShift())
        guard step.x.magnitude + step.y.magnitude > Self.shiftTolerance else { return }
        var way = try await shiftAlongStage(by: step, to: shift)
        if shiftsByMicrons {
            // Counted along the other axes from here on.
            let rest = shift + -(try await presentShift())
            try await shiftBySpecimen(rest, to: shift, tilt)
            way = way + rest
        }
        // SerialEM refuses a change of nothing.
        let height = way.y.micrometres * sin(tilt)
        if abs(height) > 0.001 { try await call(.changeFocus, .real(-height)) }
    }

    private static let shiftTolerance = Length.nanometres(0.5)
    /// Between what was asked for and what is read back, before the stage counts as not calibrated.
    private static let shiftError = Length.nanometres(100)

    /// How far it went: nowhere, or not all the way, where SerialEM does not know the stage's axes. The rest goes along the specimen's.
    private func shiftAlongStage(by step: PlaneShift, to shift: PlaneShift) async throws(MicroscopeError) -> PlaneShift {
        guard !shiftsByMicrons else { return .zero }
        do throws(MicroscopeError) {
            let (x, y) = (step.x.micrometres, step.y.micrometres)
            try check(try await call(.imageShiftByStageDiff, .real(x), .real(y)), shift)
            let rest = shift + -(try await presentShift())
            // Without a calibration of the stage SerialEM shifts by nothing, and says so nowhere.
            if rest.length >= Self.shiftError { shiftByMicrons(since: Self.reason(step, rest)) }
            return step + -rest
        } catch {
            guard error.isRefusal else { throw error }
            shiftByMicrons(since: error.sentence)
            return .zero
        }
    }

    private static func reason(_ step: PlaneShift, _ rest: PlaneShift) -> String {
        (step + -rest).length < shiftError
            ? "SerialEM shifts by nothing along the stage's, as it does where the stage is not calibrated"
            : "a shift along the stage's does not arrive where SerialEM was told"
    }

    /// In the plane of the specimen as the beam sees it, whose axes are taken for the stage's.
    private func shiftBySpecimen(_ step: PlaneShift, to shift: PlaneShift, _ tilt: Double) async throws(MicroscopeError) {
        let (x, y) = (step.x.micrometres, step.y.micrometres * cos(tilt))
        try check(try await call(.imageShiftByMicrons, .real(x), .real(y)), shift)
    }

    /// Along the stage's axes, or along the specimen's where SerialEM does not tell it along those.
    func presentShift() async throws(MicroscopeError) -> PlaneShift {
        if let shift = try await shiftOnStage() { return shift }
        let tilt = try await call(.reportTiltAngle).number(0) * .pi / 180
        let report = try await call(.reportSpecimenShift).numbers(2)
        return PlaneShift(x: .micrometres(report[0]), y: .micrometres(report[1] / cos(tilt)))
    }

    /// Nil where SerialEM cannot tell it.
    private func shiftOnStage() async throws(MicroscopeError) -> PlaneShift? {
        guard !shiftsByMicrons else { return nil }
        let report = try await call(.reportImageShift)
        // Older builds report the coils and the pixels, and no more.
        guard report.values.count >= 6 else {
            shiftByMicrons(since: "this SerialEM does not report them along the stage's")
            return nil
        }
        let values = try report.numbers(6)
        return PlaneShift(x: .micrometres(values[4]), y: .micrometres(values[5]))
    }

    /// Whether SerialEM knows how the stage lies to the camera at the present magnification. Without that it shifts by nothing along the
    /// stage's axes.
    func isStageCalibrated() async throws(MicroscopeError) -> Bool {
        let matrix = try await call(.cameraToStageMatrix, .integer(0)).numbers(4)
        // Zeros are SerialEM's word for a matrix that it does not have.
        return matrix[0] * matrix[3] != matrix[1] * matrix[2]
    }

    /// Whether SerialEM does not know them along the stage's axes, as far as it was asked.
    var shiftsByMicrons: Bool { state.withLock { $0.shiftsByMicrons } }

    /// For the rest of the connection.
    private func shiftByMicrons(since reason: String) {
        let isNews = state.withLock { state in
            defer { state.shiftsByMicrons = true }
            return !state.shiftsByMicrons
        }
        if isNews { log("Image shifts go along the specimen's axes: \(reason)") }
    }

    /// A shift beyond the limit is not made, which SerialEM tells by a value.
    private func check(_ report: SerialEMReport, _ shift: PlaneShift) throws(MicroscopeError) {
        guard try report.number(0) == 0 else { throw .outOfReach(Self.name(shift)) }
    }

    private static func name(_ shift: PlaneShift) -> String {
        "An image shift of \((shift.length.micrometres * 10).rounded() / 10) µm"
    }

    public func changeFocus(by change: Length) async throws(MicroscopeError) {
        // SerialEM refuses a change of nothing.
        guard change.magnitude > .nanometres(1) else {
            _ = try connection()
            return
        }
        try await call(.changeFocus, .real(change.micrometres))
    }

    public func findEucentricHeight() async throws(MicroscopeError) -> Length {
        // 3: the rough search and then the fine one.
        try await call(.eucentricity, .integer(3))
        return try await stagePosition().z
    }

    /// SerialEM corrects by what it measured first, so the result is measured once more.
    public func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        try await call(.setTargetDefocus, .real(target.micrometres))
        var reading = target
        for _ in 0..<Self.focusTries {
            try await call(.autoFocus, .integer(1))
            try await call(.autoFocus, .integer(-1))
            reading = try await measuredDefocus()
            if (reading - target).magnitude < Self.focusTolerance { break }
        }
        return reading
    }

    private static let focusTries = 2
    private static let focusTolerance = Length.micrometres(0.3)

    private func measuredDefocus() async throws(MicroscopeError) -> Length {
        let report = try await call(.reportAutoFocus)
        guard try report.number(1) == 0 else { throw .refused("the defocus could not be measured") }
        return .micrometres(try report.number(0))
    }
}
