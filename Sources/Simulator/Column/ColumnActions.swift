import Microscope
import RunModel

/// What commands do to the column, each at its end.
extension ColumnBody {
    package func slotReports() -> [SlotReport] {
        (1...max(1, settings.slots)).map { slot in
            let state: SlotReport.State = slot == loaded ? .onStage : cassette.emptySlots.contains(slot) ? .empty : .occupied
            return SlotReport(slot: slot, state: state, name: cassette.names[slot])
        }
    }

    package func secondsToLoad(_ slot: Int) -> Double {
        guard slot != loaded else { return settings.durations.query }
        let unload = loaded == nil ? 0 : settings.durations.unload
        return unload + (cassette.emptySlots.contains(slot) ? settings.durations.emptySlotSearch : settings.durations.load)
    }

    package mutating func load(_ slot: Int, for client: Int, at moment: Moment) throws(MicroscopeError) {
        guard (1...max(1, settings.slots)).contains(slot) else { throw .refused("the loader has no slot \(slot)") }
        guard slot != loaded else { return }
        putOnStage(nil)
        let isEmpty = cassette.emptySlots.contains(slot) || faults.take(.slotEmpty, where: { $0.slot == slot }) != nil
        let isJammed = !isEmpty && faults.take(.loaderJam, where: { $0.slot == slot }) != nil
        let isWrong = !isEmpty && !isJammed && faults.take(.wrongCartridge, where: { ($0.slot ?? slot) == slot }) != nil
        if !isEmpty && !isJammed { putOnStage(isWrong ? otherSlot(than: slot) ?? slot : slot) }
        write(.load, client: client, at: moment, name: isEmpty ? "empty" : isJammed ? "jammed" : "loaded", args: ["\(slot)"])
        if isEmpty { throw .slotEmpty(slot: slot) }
        pumpingUntil = moment.after(settings.durations.pumping)
        if isJammed { throw .loaderJam(slot: slot) }
        goniometer.move(to: StagePosition(x: .zero, y: .zero), at: moment.at)
        imageShift = .zero
        level = nil
    }

    package func state(at moment: Moment) -> ColumnState {
        let byItself = (settings.nitrogen?.secondsLeft(at: elapsed(at: moment)) ?? 0) / moment.speed
        let asked = fillingUntil.map { max(0, $0.seconds(since: moment.at)) } ?? 0
        let left = max(byItself, asked)
        return ColumnState(
            valvesOpen: valvesOpen, isPumping: pumpingUntil.map { $0 > moment.at } ?? false, isFillingNitrogen: left > 0,
            fillSecondsLeft: left > 0 ? left : nil)
    }

    package mutating func setValves(open: Bool, for client: Int, at moment: Moment) {
        guard valvesOpen != open else { return }
        valvesOpen = open
        write(.valves, client: client, at: moment, args: [open ? "open" : "closed"])
    }

    package func checkReach(_ position: StagePosition) throws(MicroscopeError) {
        let farthest = max(position.x.magnitude, position.y.magnitude)
        guard farthest <= settings.stageReach, position.z.magnitude <= .micrometres(300) else {
            throw .outOfReach(
                "The stage position x \(Int(position.x.micrometres)), y \(Int(position.y.micrometres)), "
                    + "z \(Int(position.z.micrometres)) µm")
        }
    }

    package mutating func secondsToMove(to position: StagePosition) -> Double {
        let factor = faults.take(.slowStage)?.factor ?? 1
        return settings.durations.stageMove(goniometer.position.distance(to: position)) * factor
    }

    /// A move that names no height keeps the one that was found.
    mutating func moveStage(to position: StagePosition, at moment: Moment) {
        let z = position.z == .zero ? goniometer.position.z : position.z
        goniometer.move(to: StagePosition(x: position.x, y: position.y, z: z), at: moment.at)
    }

    mutating func setImageShift(_ shift: PlaneShift) throws(MicroscopeError) {
        guard shift.length <= settings.imageShiftLimit else {
            throw .outOfReach("An image shift of \((shift.length.micrometres * 10).rounded() / 10) µm")
        }
        imageShift = SpecimenPoint(x: shift.x.micrometres, y: shift.y.micrometres)
    }

    package mutating func findEucentricHeight() throws(MicroscopeError) -> Length {
        guard let specimen else { throw .refused("no cartridge is on the stage") }
        let height = specimen.height(at: lookedAt.stage) + .micrometres(random.normal() * 0.05)
        goniometer.raise(to: height)
        return height
    }
}

/// Focus, drift, and what an image is taken of.
extension ColumnBody {
    /// µm, negative under focus: the lens, and how far the film lies beside the height of the stage.
    package var trueDefocus: Length? {
        specimen.map { .micrometres(lens.defocus) + goniometer.position.z - $0.height(at: lookedAt.stage) }
    }

    /// Sets the lens so that the place looked at has the target's defocus, a little beside it.
    package mutating func autofocus(target: Length) throws(MicroscopeError) -> Length {
        guard let now = trueDefocus else { throw .refused("no cartridge is on the stage") }
        guard abs(now.micrometres) < 60 else { throw .refused("the defocus is too far off to be measured") }
        let misses = faults.take(.autofocusDiverges) != nil
        let residual = misses ? random.uniform(0.6...1.6) * (random.chance(0.5) ? 1 : -1) : random.normal() * 0.03
        lens.defocus += (target - now).micrometres + residual
        lens.astigmatism = max(20, lens.astigmatism + random.normal() * 8)
        return target + .micrometres(residual + random.normal() * 0.015)
    }

    /// Å/s at the place looked at: the goniometer's creep, and shaking while nitrogen or pumps run.
    package func drift(at moment: Moment) -> SpecimenPoint {
        let since = goniometer.movedAt.map { max(0, moment.at.seconds(since: $0)) * moment.speed } ?? 3600
        let state = state(at: moment)
        let shaking = (state.isFillingNitrogen ? 14.0 : 0) + (state.isPumping ? 5 : 0)
        return goniometer.creep(after: since) + SpecimenPoint(x: shaking, y: 0.4 * shaking)
    }

    /// What a camera would look at now.
    package mutating func view(at moment: Moment, for command: String) throws(MicroscopeError) -> CameraView {
        try checkBeam()
        guard let specimen, let trueDefocus else { throw .refused("no cartridge is on the stage") }
        return CameraView(
            specimen: specimen, centre: lookedAt, underFocus: -trueDefocus.ångströms, astigmatism: lens.astigmatism,
            astigmatismAngle: lens.astigmatismAngle, drift: drift(at: moment), voltage: settings.voltage * 1000,
            cs: settings.cs * 1e7, seed: random.next(),
            isDark: faults.take(.darkImages, where: { ($0.command ?? command) == command }) != nil,
            isCutShort: faults.take(.halfWritten) != nil)
    }
}

/// Record exposures and what is known of them.
extension ColumnBody {
    mutating func openShutter(
        for request: ExposureRequest, bytes: Int, client: Int, at moment: Moment
    ) throws(MicroscopeError) -> CameraView {
        if faults.takeOnce(.valveShut, where: { $0.number == exposuresBegun + 1 }) != nil { shutValves(at: moment) }
        var view = try view(at: moment, for: "record")
        if let last = lastRecorded, faults.take(.frozenImages) != nil { view = last }
        lastRecorded = view
        exposuresBegun += 1
        let report = ExposureReport(frames: request.frames, bytes: bytes)
        exposures[request.name] = Exposure(report: report, file: request.file)
        write(
            .exposure, client: client, at: moment, name: request.name, preset: LowDoseArea.record.letter, exposure: request,
            bytes: bytes)
        return view
    }

    package mutating func closeShutter(for request: ExposureRequest, written: Int, client: Int, at moment: Moment) {
        exposures[request.name]?.hasEnded = true
        exposures[request.name]?.notedBytes = written
        write(.saved, client: client, at: moment, name: request.name, exposure: request, bytes: written)
    }

    /// `measure`: what the disk says that a file measures, given what was noted of it.
    func evidence(of name: String, measure: (Exposure) -> Int?) -> ExposureEvidence {
        guard let exposure = exposures[name] else { return remembersAll ? .notTaken : .cannotTell }
        guard exposure.hasEnded, measure(exposure) == exposure.report.bytes else { return .cannotTell }
        return .saved(exposure.report)
    }
}
