/// A place of the cassette, as a run saw it.
public struct CassetteSlot: Hashable, Sendable, Codable {
    public enum State: String, Sendable, Codable {
        case empty, occupied
        /// A cartridge on the stage belongs to the slot that it came from.
        case onStage
        /// It reads empty, and may do so only because its cartridge is on the stage.
        case unclear
    }
    public var slot: Int
    public var state: State
    /// The cartridge's name, where the loader knows one.
    public var name: String?

    public init(slot: Int, state: State, name: String? = nil) {
        self.slot = slot
        self.state = state
        self.name = name
    }
}

/// What a session knows of the cassette.
public struct Cassette: Hashable, Sendable, Codable {
    /// By slot.
    public var slots: [CassetteSlot]
    /// When it was read.
    public var at: Timestamp
    /// Who said that a change is right; nil for what the run saw by itself.
    public var by: String?

    public init(slots: [CassetteSlot], at: Timestamp, by: String? = nil) {
        self.slots = slots
        self.at = at
        self.by = by
    }
}

/// A cassette that is not as it was: what a person is asked about.
public struct ChangedCassette: Hashable, Sendable, Codable {
    /// What has changed, a sentence for each slot.
    public var changes: [String]
    /// The cassette as it is now.
    public var slots: [CassetteSlot]

    public init(changes: [String], slots: [CassetteSlot]) {
        self.changes = changes
        self.slots = slots
    }
}
