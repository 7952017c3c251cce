import RunModel

/// What is known of the stage.
enum StageKnowledge: Hashable, Sendable {
    case cartridge(of: Int)
    /// It went there in an earlier connection, and its slot does not read occupied.
    case remembered(of: Int)
    case empty
    /// SerialEM cannot tell, and nothing is remembered.
    case unknown

    var slot: Int? {
        switch self {
        case .cartridge(let slot), .remembered(let slot): slot
        case .empty, .unknown: nil
        }
    }
    var confirmedSlot: Int? { if case .cartridge(let slot) = self { slot } else { nil } }
}

// What is on the stage, for a SerialEM that tells it and for one that does not.
extension SerialEMMicroscope {
    func stage() async throws(MicroscopeError) -> StageKnowledge {
        try await takeInventory()
        if state.withLock({ $0.stageGap }) == nil {
            do throws(MicroscopeError) {
                let slot = try maker.loadedSlot(try await call(.reportLoadedSlot))
                try await forgetOldMemory()
                return slot.map(StageKnowledge.cartridge) ?? .empty
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
    var isStageRemembered: Bool { stageGap != nil && !maker.tellsStations }

    private func stageByStations() async throws(MicroscopeError) -> StageKnowledge {
        for slot in 1...max(1, description.slots) where try maker.isOnStage(try await status(of: slot)) {
            return .cartridge(of: slot)
        }
        return .empty
    }

    /// A slot that is occupied again has its cartridge back. Beyond the connection that loaded it, what is remembered is never sure.
    private func stageByMemory() async throws(MicroscopeError) -> StageKnowledge {
        guard let slot = try await remembered() else { return .unknown }
        let hasArrived = state.withLock { $0.arrived } == slot
        guard try await status(of: slot).number(0) <= 0 else {
            try await remember(nil)
            return .unknown
        }
        return hasArrived ? .cartridge(of: slot) : .remembered(of: slot)
    }

    /// What was remembered before SerialEM could tell would be a lie on the day when it cannot any more.
    private func forgetOldMemory() async throws(MicroscopeError) {
        guard !maker.tellsStations, !state.withLock({ $0.hasForgotten }) else { return }
        if try await remembered() != nil { try await remember(nil) }
        state.withLock { $0.hasForgotten = true }
    }

    /// The operator's word counts as a load does. It needs no checking: the slot was asked about because it reads empty.
    public func noteLoaded(slot: Int) async throws(MicroscopeError) {
        guard !maker.tellsStations else { return }
        try await remember(slot)
        state.withLock { $0.arrived = slot }
    }

    public func forgetLoaded() async throws(MicroscopeError) {
        guard !maker.tellsStations else { return }
        try await remember(nil)
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

    func remember(_ slot: Int?) async throws(MicroscopeError) {
        state.withLock { $0.arrived = nil }
        memory.slot = slot
        do throws(MicroscopeError) {
            try await call(.setPersistentVar, .text(Self.variable), .text("\(slot ?? 0)"))
            // Read back: what it holds must outlive this program's own memory of it.
            if try await slotInSerialEM() == slot { memory.slot = nil }
        } catch {
            guard error.isRefusal else { throw error }
            // What it may still hold from before is not to be believed.
            state.withLock { $0.keepsVariable = false }
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
        guard state.withLock({ $0.keepsVariable }) else { return nil }
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
