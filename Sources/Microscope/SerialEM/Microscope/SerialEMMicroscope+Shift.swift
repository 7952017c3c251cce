import Glibc
import RunModel

/// Image shift and focus.
extension SerialEMMicroscope {
    /// On a tilted specimen a place away from the axis lies closer in projection, and higher or lower: both are made up for.
    public func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        guard shift.length <= settings.imageShiftLimit else { throw .outOfReach(Self.name(shift)) }
        let tilt = try await call(.reportTiltAngle).number(0) * .pi / 180
        let present = try await call(.reportSpecimenShift).numbers(2)
        let wanted = (x: shift.x.micrometres, y: shift.y.micrometres * cos(tilt))
        let step = (x: wanted.x - present[0], y: wanted.y - present[1])
        guard abs(step.x) + abs(step.y) > 0.0005 else { return }
        guard try await call(.imageShiftByMicrons, .real(step.x), .real(step.y)).number(0) == 0 else {
            throw .outOfReach(Self.name(shift))
        }
        // µm of height gained along the way, which the lens has to follow. SerialEM refuses a change of nothing.
        let height = step.y * tan(tilt)
        if abs(height) > 0.001 { try await call(.changeFocus, .real(-height)) }
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
