/// Something that goes wrong at a simulated column, as a real one would have it go wrong.
///
/// Counts begin at 1. Times are seconds of the column's own time since its first contact.
public struct SimulatedFault: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The cartridge of `slot` does not come onto the stage.
        case loaderJam
        /// The loader says that `slot` is occupied, and finds nothing in it.
        case slotEmpty
        /// Asked for the cartridge of `slot`, or of any, the loader brings another.
        case wrongCartridge
        /// Somebody takes the cartridge of `slot` out of the cassette at the time `at`, or now.
        case cartridgeTaken
        /// The valves close: at the time `at`, or before the Record exposure `number`.
        case valveShut
        /// The link breaks around the command `number` (of those named `command`, where one is named), or at the time `at`.
        case linkLost
        /// Liquid nitrogen is filled for `seconds`, from the time `at`, or from now.
        case nitrogenFill
        /// Stage moves take `factor` times as long.
        case slowStage
        /// Images show no beam: all, or those of `command` where one is named.
        case darkImages
        /// The camera hands over the Record exposure before once more.
        case frozenImages
        /// The disk holds the first half of an image or movie only.
        case halfWritten
        /// Autofocus ends far from its target.
        case autofocusDiverges
    }

    /// When the link breaks: before the command arrived, while it was carried out, or after it was done and before its answer.
    public enum Moment: String, Sendable, Codable { case before, during, after }

    public var kind: Kind
    public var slot: Int?
    public var command: String?
    public var number: Int?
    public var at: Double?
    public var moment: Moment?
    public var seconds: Double?
    public var factor: Double?
    /// How often it happens; nil for always.
    public var times: Int?

    public init(
        _ kind: Kind, slot: Int? = nil, command: String? = nil, number: Int? = nil, at: Double? = nil, moment: Moment? = nil,
        seconds: Double? = nil, factor: Double? = nil, times: Int? = nil
    ) {
        self.kind = kind
        self.slot = slot
        self.command = command
        self.number = number
        self.at = at
        self.moment = moment
        self.seconds = seconds
        self.factor = factor
        self.times = times
    }
}

/// The faults asked for, and how often each may still happen.
package struct FaultList: Sendable {
    private(set) var faults: [SimulatedFault]

    init(_ faults: [SimulatedFault] = []) { self.faults = faults }

    mutating func add(_ fault: SimulatedFault) { faults.append(fault) }

    /// Uses up one happening of the first fault of this kind that fits; nil when there is none.
    package mutating func take(_ kind: SimulatedFault.Kind, where fits: (SimulatedFault) -> Bool = { _ in true })
        -> SimulatedFault?
    {
        guard let index = faults.firstIndex(where: { $0.kind == kind && $0.times != 0 && fits($0) }) else { return nil }
        if let times = faults[index].times { faults[index].times = times - 1 }
        return faults[index]
    }

    /// The same, once only, whatever `times` says: for what is bound to one moment.
    package mutating func takeOnce(_ kind: SimulatedFault.Kind, where fits: (SimulatedFault) -> Bool) -> SimulatedFault? {
        guard let index = faults.firstIndex(where: { $0.kind == kind && $0.times != 0 && fits($0) }) else { return nil }
        return faults.remove(at: index)
    }
}
