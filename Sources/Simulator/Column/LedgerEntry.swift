import JSONText
import RunModel

/// One line of the column's own record: what the microscope really did, whoever asked for it.
public struct LedgerEntry: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        case connect, disconnect, command, load, valves
        /// The shutter opened: one line for each exposure.
        case exposure
        /// A Record exposure ended and its movie was handed over.
        case saved
    }

    public var at: Timestamp
    public var kind: Kind
    /// Numbers of connections rise from 1; 0 is the column itself.
    public var client: Int
    /// Command or exposure.
    public var name: String?
    public var args: [String]?
    /// The low dose area of an image, as its letter.
    public var preset: String?
    /// µm.
    public var stage: [Double]?
    public var imageShift: [Double]?
    /// Slot of the cartridge on the stage.
    public var grid: Int?
    public var file: String?
    public var frames: Int?
    /// What a whole movie measures.
    public var bytes: Int?

    enum CodingKeys: String, CodingKey {
        case at = "t"
        case kind, client, name, args, preset, stage, imageShift, grid, file, frames, bytes
    }

    /// One line of JSON, keys sorted.
    public var line: String {
        // Text, whole numbers and finite lengths alone: nothing in it that JSON has no words for.
        (try? JSONText.encode(self)) ?? "{}"
    }
}

/// How crowded the column was: what proves that never two commanded at once.
public struct ColumnCounters: Hashable, Sendable {
    public var commands = 0
    /// The most commands that were waited for at the same time.
    public var mostAtOnce = 0
    /// The most clients that waited for commands at the same time.
    public var mostClientsAtOnce = 0
    public init() {}
}
