import RunModel

/// What a level needs of the column, and the upkeep that is due.
extension SerialEMMicroscope {
    public func prepare(for level: ImagingLevel) async throws(MicroscopeError) {
        let before = state.withLock { $0.level }
        guard before != level else { return }
        // Half of a level is none: what is refused on the way is set again the next time.
        state.withLock { $0.level = nil }
        try await carryOutUpkeep()
        let wanted = settings.level(level)
        let present = before.map(settings.level)
        try await apply(wanted, unless: present)
        state.withLock { $0.level = level }
    }

    private func apply(_ wanted: LevelSettings, unless present: LevelSettings?) async throws(MicroscopeError) {
        if wanted.lowDose != present?.lowDose { try await call(.setLowDoseMode, .integer(wanted.lowDose ? 1 : 0)) }
        if let name = wanted.imagingState, name != present?.imagingState {
            let refusal = try await call(.goToImagingState, .text(name)).count(0)
            guard refusal == 0 else { throw .refused("SerialEM cannot go to the imaging state \(name) (\(refusal))") }
        }
        if let mag = wanted.magnification, mag != present?.magnification { try await call(.setMag, .real(mag)) }
        try await setAperture(.condenser, wanted.condenserAperture, unless: present?.condenserAperture)
        try await setAperture(.objective, wanted.objectiveAperture, unless: present?.objectiveAperture)
        if let slitIn = wanted.slitIn, slitIn != present?.slitIn { try await call(.setSlitIn, .integer(slitIn ? 1 : 0)) }
    }

    /// As SerialEM numbers them.
    private enum Aperture: Int {
        case condenser = 1
        case objective = 2
    }

    private func setAperture(_ aperture: Aperture, _ size: Double?, unless present: Double?) async throws(MicroscopeError) {
        guard let size, size != present else { return }
        try await call(.setApertureSize, .integer(aperture.rawValue), .integer(Int(size)))
    }

    /// SerialEM keeps the times, so what is not due costs one question.
    private func carryOutUpkeep() async throws(MicroscopeError) {
        if let hours = settings.upkeep.hardwareDark {
            try Self.check(try await call(.updateHWDarkRef, .real(hours)), "The hardware dark reference")
        }
        if let hours = settings.upkeep.flash {
            try Self.check(try await call(.longOperation, .text("FF"), .text("\(hours)"), taking: 300), "The flash of the gun")
        }
        if let minutes = settings.upkeep.zeroLoss { try await call(.refineZLP, .real(minutes)) }
    }

    /// Long operations tell by a number that they did not work; versions that tell nothing are believed.
    static func check(_ report: SerialEMReport, _ what: String) throws(MicroscopeError) {
        guard !report.values.isEmpty else { return }
        let code = try report.count(0)
        guard code == 0 else { throw .refused("\(what) did not work (\(code))") }
    }
}
