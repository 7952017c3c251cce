import RunModel

extension SerialEMCheck {
    var optics: [CheckQuestion] {
        [CheckQuestion("low dose", lowDose)] + areas
            + [CheckQuestion("image shift", remedy: "Calibrate image shift in SerialEM.", imageShift)]
            + states.map { name in
                CheckQuestion("imaging state \(name)") { () async throws(MicroscopeError) in try await state(name) }
            }
            + [
                CheckQuestion("condenser aperture") { () async throws(MicroscopeError) in
                    try await aperture("condenser aperture", 1, isUsed: levels.contains { $0.condenserAperture != nil })
                },
                CheckQuestion("objective aperture") { () async throws(MicroscopeError) in
                    try await aperture("objective aperture", 2, isUsed: levels.contains { $0.objectiveAperture != nil })
                },
            ]
            + (usesFilter ? [CheckQuestion("filter", remedy: "Leave slitIn and zeroLoss out of the configuration.", filter)] : [])
    }

    private var levels: [LevelSettings] { ImagingLevel.allCases.map(scope.settings.level) }
    private var states: [String] { Set(levels.compactMap(\.imagingState)).sorted() }
    private var usesFilter: Bool { levels.contains { $0.slitIn != nil } || scope.settings.upkeep.zeroLoss != nil }

    private func lowDose() async throws(MicroscopeError) -> CheckLine {
        let isOn = try await scope.call(.reportLowDose).isTrue()
        return CheckLine("low dose", .ok, "Low dose is \(isOn ? "on" : "off"); a session turns it on.")
    }

    private var areas: [CheckQuestion] {
        [("S", "Search"), ("V", "View"), ("F", "Focus"), ("R", "Record")].map { letter, name in
            CheckQuestion(name, remedy: "Set up the area \(name) in low dose.") { () async throws(MicroscopeError) in
                try await area(letter, name)
            }
        }
    }

    private func area(_ letter: String, _ name: String) async throws(MicroscopeError) -> CheckLine {
        // Outside low dose SerialEM answers with the present magnification, whichever area is asked about.
        guard try await scope.call(.reportLowDose).isTrue() else {
            return CheckLine(
                name, .notAsked, "Low dose is off, so SerialEM cannot tell the pixel size of this area.",
                remedy: "Turn low dose on in SerialEM and check again.")
        }
        let pixel = try await scope.call(.reportCurrentPixelSize, .text(letter)).number(0) * 10
        let seconds = try await scope.call(.reportExposure, .text(letter)).number(0)
        guard pixel > 0 else {
            return CheckLine(name, .problem, "Its pixel size is not known.", remedy: "Calibrate the pixel size of \(name).")
        }
        return CheckLine(name, .ok, "Its pixels are \(pixel.written) Å, its exposure \(seconds.written) s.")
    }

    private func imageShift() async throws(MicroscopeError) -> CheckLine {
        let shift = try await scope.presentShift()
        let place = "It is x \(shift.x.written), y \(shift.y.written) µm"
        guard !scope.shiftsByMicrons else {
            return CheckLine(
                "image shift", .ok, "\(place), along the specimen's axes: SerialEM does not tell it along the stage's.",
                remedy: "Install a newer SerialEM.")
        }
        // Its answer looks the same with a calibration and without one.
        guard try await scope.isStageCalibrated() else {
            return CheckLine(
                "image shift", .ok,
                "Shifts go along the specimen's axes: the stage is not calibrated against the camera at this magnification.",
                remedy: "Calibrate it (Stage Shift): the axes differ where the stage counts x the other way.")
        }
        return CheckLine("image shift", .ok, "\(place) along the stage's axes.")
    }

    /// Looked at, and not gone to.
    private func state(_ name: String) async throws(MicroscopeError) -> CheckLine {
        let subject = "imaging state \(name)"
        do throws(MicroscopeError) {
            let answer = try await scope.call(.imagingStateProperties, .text(name)).number(0)
            guard answer != 0 else { return CheckLine(subject, .ok, "SerialEM knows it.") }
            return CheckLine(
                subject, .problem, "SerialEM has \(answer == 2 ? "several of" : "none by") this name.",
                remedy: "Give a state this name in SerialEM's imaging state dialog, or change the configuration.")
        } catch {
            guard error.isRefusal else { throw error }
            return CheckLine(
                subject, .notAsked, "This SerialEM cannot tell without going to it.",
                remedy: "Look whether the imaging state dialog lists it.")
        }
    }

    private func aperture(_ subject: String, _ number: Int, isUsed: Bool) async throws(MicroscopeError) -> CheckLine {
        do throws(MicroscopeError) {
            let size = try await scope.call(.reportApertureSize, .integer(number)).count(0)
            return CheckLine(subject, .ok, size == 0 ? "It is out." : "It is \(size) µm.")
        } catch {
            guard error.isRefusal else { throw error }
            return isUsed
                ? CheckLine(
                    subject, .problem, error.sentence,
                    remedy: "Let SerialEM control apertures, or leave them out of the configuration's levels.")
                : CheckLine(subject, .notAsked, "SerialEM does not control it, and no level asks for it.")
        }
    }

    private func filter() async throws(MicroscopeError) -> CheckLine {
        let filter = try await scope.call(.reportEnergyFilter).numbers(3)
        return CheckLine("filter", .ok, "Its slit is \(filter[0].written) eV wide and \(filter[2] != 0 ? "in" : "out").")
    }
}
