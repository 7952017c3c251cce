import RunModel

extension SerialEMCheck {
    func optics() async throws(MicroscopeError) {
        try await ask("low dose") { () throws(MicroscopeError) in
            let isOn = try await scope.call(.reportLowDose).isTrue()
            return CheckLine("low dose", .ok, "Low dose is \(isOn ? "on" : "off"); a session turns it on.")
        }
        for (letter, name) in [("S", "Search"), ("V", "View"), ("F", "Focus"), ("R", "Record")] {
            try await ask(name, remedy: "Set up the area \(name) in low dose.") { () throws(MicroscopeError) in
                let pixel = try await scope.call(.reportCurrentPixelSize, .text(letter)).number(0) * 10
                let seconds = try await scope.call(.reportExposure, .text(letter)).number(0)
                guard pixel > 0 else {
                    return CheckLine(
                        name, .problem, "Its pixel size is not known.", remedy: "Calibrate the pixel size of \(name).")
                }
                return CheckLine(name, .ok, "Its pixels are \(pixel.written) Å, its exposure \(seconds.written) s.")
            }
        }
        for name in states { try await state(name) }
        try await aperture("condenser aperture", 1, isUsed: levels.contains { $0.condenserAperture != nil })
        try await aperture("objective aperture", 2, isUsed: levels.contains { $0.objectiveAperture != nil })
        guard levels.contains(where: { $0.slitIn != nil }) || scope.settings.upkeep.zeroLoss != nil else { return }
        try await ask("filter", remedy: "Leave slitIn and zeroLoss out of the configuration.") { () throws(MicroscopeError) in
            let filter = try await scope.call(.reportEnergyFilter).numbers(3)
            return CheckLine("filter", .ok, "Its slit is \(filter[0].written) eV wide and \(filter[2] != 0 ? "in" : "out").")
        }
    }

    private var levels: [LevelSettings] { ImagingLevel.allCases.map(scope.settings.level) }
    private var states: [String] { Set(levels.compactMap(\.imagingState)).sorted() }

    /// Looked at, and not gone to.
    private func state(_ name: String) async throws(MicroscopeError) {
        let subject = "imaging state \(name)"
        let missing = "Give a state this name in SerialEM's imaging state dialog, or change the configuration."
        do throws(MicroscopeError) {
            let answer = try await scope.call(.imagingStateProperties, .text(name)).number(0)
            tell(
                answer == 0
                    ? CheckLine(subject, .ok, "SerialEM knows it.")
                    : CheckLine(
                        subject, .problem, "SerialEM has \(answer == 2 ? "several of" : "none by") this name.", remedy: missing))
        } catch {
            guard error.isRefusal else { throw error }
            tell(
                CheckLine(
                    subject, .notAsked, "This SerialEM cannot tell without going to it.",
                    remedy: "Look whether the imaging state dialog lists it."))
        }
    }

    private func aperture(_ subject: String, _ number: Int, isUsed: Bool) async throws(MicroscopeError) {
        do throws(MicroscopeError) {
            let size = try await scope.call(.reportApertureSize, .integer(number)).number(0)
            tell(CheckLine(subject, .ok, size == 0 ? "It is out." : "It is \(Int(size)) µm."))
        } catch {
            guard error.isRefusal else { throw error }
            tell(
                isUsed
                    ? CheckLine(
                        subject, .problem, error.sentence,
                        remedy: "Let SerialEM control apertures, or leave them out of the configuration's levels.")
                    : CheckLine(subject, .notAsked, "SerialEM does not control it, and no level asks for it."))
        }
    }
}
