import RunModel

/// What is known of the stage.
enum StageKnowledge: Hashable, Sendable {
    case cartridge(of: Int)
    /// It went there over an earlier connection, for this session or for another, and its slot does not read occupied.
    case remembered(of: Int, isOwn: Bool)
    case empty
    /// SerialEM cannot tell, and nothing is remembered.
    case unknown

    var slot: Int? {
        switch self {
        case .cartridge(let slot), .remembered(let slot, _): slot
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
        guard let loaded = try await remembered() else { return .unknown }
        let hasArrived = state.withLock { $0.arrived } == loaded.slot
        guard try await status(of: loaded.slot).number(0) <= 0 else {
            try await remember(nil)
            return .unknown
        }
        let isOwn = loaded.session == session.withLock(\.self)
        return hasArrived ? .cartridge(of: loaded.slot) : .remembered(of: loaded.slot, isOwn: isOwn)
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
    private static let slotVariable = "gridpilotSlot"
    private static let sessionVariable = "gridpilotSession"

    func remember(_ slot: Int?) async throws(MicroscopeError) {
        state.withLock { $0.arrived = nil }
        let loaded = slot.map { LoadedSlot(slot: $0, session: session.withLock(\.self)) }
        memory.loaded = loaded
        do throws(MicroscopeError) {
            // The slot last: cut short in between, nothing is remembered.
            if let loaded {
                try await call(.setPersistentVar, .text(Self.sessionVariable), .text(Self.word(for: loaded.session)))
            }
            try await call(.setPersistentVar, .text(Self.slotVariable), .text("\(slot ?? 0)"))
            // Read back: what it holds must outlive this program's own memory of it.
            let isKept = try await loadedInSerialEM() == loaded
            if isKept { memory.loaded = nil }
            if !isKept, loaded == nil { state.withLock { $0.keepsVariable = false } }
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

    private func remembered() async throws(MicroscopeError) -> LoadedSlot? {
        if let loaded = memory.loaded { return loaded }
        return try await loadedInSerialEM()
    }

    /// Nil where it has no such variable.
    private func loadedInSerialEM() async throws(MicroscopeError) -> LoadedSlot? {
        guard state.withLock({ $0.keepsVariable }), let slot = try await variable(Self.slotVariable).flatMap(Double.init),
            (1...Double(max(1, description.slots))).contains(slot)
        else { return nil }
        let session = try await variable(Self.sessionVariable)
        let own = self.session.withLock(\.self)
        return LoadedSlot(
            slot: Int(slot), session: session == Self.word(for: own) ? own : session.map(SessionID.init(unchecked:)))
    }

    /// Never a number, which SerialEM might write otherwise.
    private static func word(for session: SessionID?) -> String { "session_\(session?.rawValue ?? "")" }

    private func variable(_ name: String) async throws(MicroscopeError) -> String? {
        do throws(MicroscopeError) {
            return switch try await call(.getVariable, .text(name)).values.first {
            case .number(let number)?: "\(number)"
            case .text(let text)?: text
            case nil: nil
            }
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }
}
