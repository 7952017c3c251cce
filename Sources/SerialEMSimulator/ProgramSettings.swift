/// Which SerialEM is simulated, and how it is set up.
public struct ProgramSettings: Hashable, Sendable {
    /// Puts what goes wrong into boxes on its screen as long as a client has not asked for answers instead, as SerialEM does.
    public var putsProblemsIntoBoxes = false

    public init() {}
}
