import RunModel

/// The autoloader.
extension SerialEMMicroscope {
    public func slots() async throws(MicroscopeError) -> [SlotReport] {
        let stage = try await stage()
        var slots: [SlotReport] = []
        for slot in 1...max(1, description.slots) { slots.append(try await report(of: slot, stage)) }
        return slots
    }

    public func loadedSlot() async throws(MicroscopeError) -> Int? { try await stage().slot }

    /// What is asked of the loader is checked before: a slot that is said to be empty is not tried.
    public func load(slot: Int) async throws(MicroscopeError) {
        guard (1...max(1, description.slots)).contains(slot) else { throw .refused("the loader has no slot \(slot)") }
        let stage = try await stage()
        guard stage.slot != slot else { return }
        guard [.occupied, .untold].contains(try await report(of: slot, stage).state) else { throw .slotEmpty(slot: slot) }
        // From here to the loader's answer nobody can say what is on the stage, whichever program ends meanwhile.
        if isStageRemembered { try await remember(nil) }
        let outcome = try await call(.loadCartridge, .integer(maker.number(of: slot)))
        guard try outcome.number(0) == 0 else {
            throw try await report(of: slot, .empty).state == .empty ? .slotEmpty(slot: slot) : .loaderJam(slot: slot)
        }
        state.withLock { $0.level = nil }
        if isStageRemembered { try await noteArrival(of: slot) }
    }

    /// A slot whose cartridge went to the stage reads empty. Where the loader cannot tell of it, the load's own answer is all there is.
    private func noteArrival(of slot: Int) async throws(MicroscopeError) {
        guard try await status(of: slot).number(0) <= 0 else { throw .loaderJam(slot: slot) }
        try await noteLoaded(slot: slot)
    }

    private func report(of slot: Int, _ stage: StageKnowledge) async throws(MicroscopeError) -> SlotReport {
        let report = try maker.slot(slot, try await status(of: slot), loaded: stage.confirmedSlot)
        return switch (stage, report.state) {
        // What is on the stage has left a slot that reads so.
        case (.unknown, .empty): SlotReport(slot: slot, state: .unclear)
        case (.remembered(slot, let isOwn), .empty): SlotReport(slot: slot, state: isOwn ? .remembered : .hinted)
        // It may be back in its slot, or not: loading it would not do if it is on the stage.
        case (.remembered(slot, _), .untold): SlotReport(slot: slot, state: .unclear)
        default: report
        }
    }

    func status(of slot: Int) async throws(MicroscopeError) -> SerialEMReport {
        try await takeInventory()
        return try await call(.reportSlotStatus, .integer(maker.number(of: slot)))
    }

    /// SerialEM has an inventory that it took before, and is believed.
    func believeInventory() { state.withLock { $0.hasInventory = true } }

    /// Some loaders answer nothing before they have looked at every cartridge once. That moves the loader, so it is done when first needed,
    /// and once in a run: SerialEM keeps what it has seen when a link breaks.
    func takeInventory() async throws(MicroscopeError) {
        guard maker.needsInventory, !state.withLock({ $0.hasInventory }) else { return }
        let isKept = hasTakenInventory.withLock(\.self) ? try await keepsInventory() : false
        if !isKept {
            try Self.check(
                try await call(.longOperation, .text("IN"), taking: Double(description.slots) * Self.secondsPerSlot),
                "The loader's inventory")
            hasTakenInventory.withLock { $0 = true }
        }
        believeInventory()
    }

    /// The gripper fetches each cartridge and puts it back.
    private static let secondsPerSlot = 30.0

    /// Whether SerialEM can tell of the cartridges. Asked without moving anything.
    func keepsInventory() async throws(MicroscopeError) -> Bool {
        do throws(MicroscopeError) {
            try await call(.reportSlotStatus, .integer(maker.number(of: 1)))
            return true
        } catch {
            guard error.isRefusal else { throw error }
            return false
        }
    }
}
