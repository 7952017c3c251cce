/// What somebody has done to the cassette since it was read.
public enum CassetteCheck {
    /// One slot that is not as it was.
    public struct Change: Hashable, Sendable {
        public enum What: Hashable, Sendable {
            case taken(name: String?)
            case put(name: String?)
            case replaced(was: String, is: String)
            case nameless(was: String)
            /// The loader cannot tell any more whether it holds a cartridge.
            case unclear(name: String?)
        }
        public let slot: Int
        public let what: What
        public init(slot: Int, _ what: What) {
            self.slot = slot
            self.what = what
        }
    }

    /// What differs, slot by slot; nothing where the cassette is as it was.
    ///
    /// A cartridge belongs to its slot whether it lies there or on the stage, so what a load moves is no change. A name that the loader
    /// has learned is none either. One that it has forgotten is, because a cassette that was taken out and put back looks like that; only
    /// for a cartridge on the stage may a loader not know what it knows of one in its slot. A slot that has become unclear is no news where
    /// its cartridge may be the one on the stage.
    public static func changes(from known: [CassetteSlot], to seen: [CassetteSlot]) -> [Change] {
        let (known, seen) = (bySlot(known), bySlot(seen))
        let changes = Set(known.keys).union(seen.keys).sorted().compactMap { slot in
            change(
                in: slot, from: known[slot] ?? CassetteSlot(slot: slot, state: .empty),
                to: seen[slot] ?? CassetteSlot(slot: slot, state: .empty))
        }
        // The stage holds one cartridge, and that of a slot which has been unclear all along if there is one.
        let wasUnclear = known.values.contains { $0.state == .unclear && seen[$0.slot]?.state == .unclear }
        return changes.count(where: \.isUnclear) > (wasUnclear ? 0 : 1) ? changes : changes.filter { !$0.isUnclear }
    }

    /// What is known after a reading whose changes a person has accepted. Of other slots, names that the loader does not tell just now are kept,
    /// and what was clear once.
    public static func knowledge(
        _ known: [CassetteSlot], with seen: [CassetteSlot], accepting changes: [Change] = []
    ) -> [CassetteSlot] {
        let changed = Set(changes.map(\.slot))
        let known = bySlot(known.filter { !changed.contains($0.slot) })
        return seen.sorted { $0.slot < $1.slot }.map { slot in
            if slot.state == .unclear { return known[slot.slot] ?? slot }
            var slot = slot
            if slot.state != .empty { slot.name = slot.name ?? known[slot.slot]?.name }
            return slot
        }
    }

    private static func change(in slot: Int, from was: CassetteSlot, to now: CassetteSlot) -> Change? {
        guard was.state != .unclear else { return nil }
        if now.state == .unclear { return was.state == .empty ? nil : Change(slot: slot, .unclear(name: was.name)) }
        return switch (was.state == .empty, now.state == .empty) {
        case (true, true): nil
        case (false, true): Change(slot: slot, .taken(name: was.name))
        case (true, false): Change(slot: slot, .put(name: now.name))
        case (false, false): renamed(slot, from: was, to: now)
        }
    }

    private static func renamed(_ slot: Int, from was: CassetteSlot, to now: CassetteSlot) -> Change? {
        guard let old = was.name else { return nil }
        guard let new = now.name else {
            return was.state == .onStage || now.state == .onStage ? nil : Change(slot: slot, .nameless(was: old))
        }
        return old == new ? nil : Change(slot: slot, .replaced(was: old, is: new))
    }

    private static func bySlot(_ slots: [CassetteSlot]) -> [Int: CassetteSlot] {
        Dictionary(slots.map { ($0.slot, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension CassetteCheck.Change {
    fileprivate var isUnclear: Bool { if case .unclear = what { true } else { false } }

    /// In the operator's words.
    public var sentence: String {
        switch what {
        case .taken(let name): "Slot \(slot) held \(name ?? "a cartridge"); it is empty now."
        case .put(let name): "Slot \(slot) was empty; it holds \(name ?? "a cartridge") now."
        case .replaced(let old, let new): "Slot \(slot) held \(old); it holds \(new) now."
        case .nameless(let old): "Slot \(slot) held \(old); the loader has no name for what it holds now."
        case .unclear(let name): "Slot \(slot) held \(name ?? "a cartridge"); nobody can tell now whether it still does."
        }
    }
}
