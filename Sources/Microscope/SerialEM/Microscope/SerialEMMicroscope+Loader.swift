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
        guard stage != .cartridge(of: slot) else { return }
        guard [.occupied, .onStage].contains(try await report(of: slot, stage).state) else { throw .slotEmpty(slot: slot) }
        // From here to the loader's answer nobody can say what is on the stage, whichever program ends meanwhile.
        if isStageRemembered { try await remember(nil) }
        let outcome = try await call(.loadCartridge, .integer(maker.number(of: slot)))
        guard try outcome.number(0) == 0 else {
            throw try await report(of: slot, .empty).state == .empty ? .slotEmpty(slot: slot) : .loaderJam(slot: slot)
        }
        state.withLock { $0.level = nil }
        if isStageRemembered { try await noteArrival(of: slot) }
    }

    /// A slot whose cartridge went to the stage reads empty.
    private func noteArrival(of slot: Int) async throws(MicroscopeError) {
        guard try await status(of: slot).number(0) <= 0 else { throw .loaderJam(slot: slot) }
        try await remember(slot)
    }

    private func report(of slot: Int, _ stage: StageKnowledge) async throws(MicroscopeError) -> SlotReport {
        let report = try maker.slot(slot, try await status(of: slot), loaded: stage.slot)
        // What is on the stage has left a slot that reads so.
        return stage == .unknown && report.state == .empty ? SlotReport(slot: slot, state: .unclear) : report
    }

    private func status(of slot: Int) async throws(MicroscopeError) -> SerialEMReport {
        try await takeInventory()
        return try await call(.reportSlotStatus, .integer(maker.number(of: slot)))
    }

    /// SerialEM has an inventory that it took before, and is believed.
    func believeInventory() { state.withLock { $0.hasInventory = true } }

    /// Some loaders answer nothing before they have looked at every cartridge once. That moves the loader, so it is done when first needed.
    private func takeInventory() async throws(MicroscopeError) {
        guard maker.needsInventory, !state.withLock({ $0.hasInventory }) else { return }
        try Self.check(try await call(.longOperation, .text("IN")), "The loader's inventory")
        state.withLock { $0.hasInventory = true }
    }
}

/// What is known of the stage.
enum StageKnowledge: Hashable, Sendable {
    case cartridge(of: Int)
    case empty
    /// SerialEM cannot tell, and nothing is remembered.
    case unknown

    var slot: Int? { if case .cartridge(let slot) = self { slot } else { nil } }
}

// What is on the stage, for a SerialEM that tells it and for one that does not.
extension SerialEMMicroscope {
    func stage() async throws(MicroscopeError) -> StageKnowledge {
        try await takeInventory()
        if state.withLock({ $0.stageGap }) == nil {
            do throws(MicroscopeError) {
                return try maker.loadedSlot(try await call(.reportLoadedSlot)).map(StageKnowledge.cartridge) ?? .empty
            } catch {
                guard let gap = StageGap(error) else { throw error }
                state.withLock { $0.stageGap = gap }
            }
        }
        return try await maker.tellsStations ? stageByStations() : stageByMemory()
    }

    /// Why SerialEM cannot tell what is on the stage; nil where it does, or was not asked yet.
    public var stageGap: StageGap? { state.withLock { $0.stageGap } }

    /// An inventory says of each cartridge where it is, so nothing has to be remembered.
    private var isStageRemembered: Bool { stageGap != nil && !maker.tellsStations }

    private func stageByStations() async throws(MicroscopeError) -> StageKnowledge {
        for slot in 1...max(1, description.slots) where try maker.isOnStage(try await status(of: slot)) {
            return .cartridge(of: slot)
        }
        return .empty
    }

    /// A remembered slot that is occupied again has its cartridge back: somebody took it from the stage.
    private func stageByMemory() async throws(MicroscopeError) -> StageKnowledge {
        guard let slot = try await remembered() else { return .unknown }
        return try await status(of: slot).number(0) <= 0 ? .cartridge(of: slot) : .unknown
    }

    /// The operator's word counts as a load does. It needs no checking: the slot was asked about because it reads empty.
    public func noteLoaded(slot: Int) async throws(MicroscopeError) {
        guard !maker.tellsStations else { return }
        try await remember(slot)
    }
}

/// Why a SerialEM cannot tell what is on the stage.
public enum StageGap: Hashable, Sendable {
    /// Its version has no command for it.
    case version
    /// It asks the microscope through UTAPI, which is off.
    case utapi

    init?(_ error: MicroscopeError) {
        switch error {
        case .unknownCommand: self = .version
        case .refused(let words) where words.contains("UTAPI"): self = .utapi
        default: return nil
        }
    }
}

// Which cartridge went to the stage last: kept in SerialEM itself, which outlives this program, or here where it keeps nothing.
extension SerialEMMicroscope {
    private static let variable = "gridpilotSlot"

    private func remember(_ slot: Int?) async throws(MicroscopeError) {
        memory.slot = slot
        do throws(MicroscopeError) {
            try await call(.setPersistentVar, .text(Self.variable), .text("\(slot ?? 0)"))
            // Read back: what it holds must outlive this program's own memory of it.
            if try await slotInSerialEM() == slot { memory.slot = nil }
        } catch {
            guard error.isRefusal else { throw error }
        }
    }

    /// Whether SerialEM keeps what it is told, tried by a variable that nothing reads.
    func keepsVariables() async throws(MicroscopeError) -> Bool {
        do throws(MicroscopeError) {
            try await call(.setPersistentVar, .text("gridpilotCheck"), .text("1"))
            return try await !call(.getVariable, .text("gridpilotCheck")).values.isEmpty
        } catch {
            guard error.isRefusal else { throw error }
            return false
        }
    }

    private func remembered() async throws(MicroscopeError) -> Int? {
        if let slot = memory.slot { return slot }
        return try await slotInSerialEM()
    }

    /// Nil where it has no such variable.
    private func slotInSerialEM() async throws(MicroscopeError) -> Int? {
        do throws(MicroscopeError) {
            let slot: Double? =
                switch try await call(.getVariable, .text(Self.variable)).values.first {
                case .number(let number)?: number
                case .text(let text)?: Double(text)
                case nil: nil
                }
            return slot.flatMap { (1...Double(max(1, description.slots))).contains($0) ? Int($0) : nil }
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }
}
