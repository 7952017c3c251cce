/// How the simulated program stands when it starts, and what its operator does.
public struct ProgramSettings: Sendable {
    /// What somebody at the screen answers to a box.
    public enum Boxes: String, Sendable, CaseIterable {
        /// Yes, OK, and what the box offers.
        case yes
        /// No, and OK where there is nothing else.
        case no
        /// Nobody is there, and the command ends with an error.
        case refuse
    }

    public var isNavigatorOpen = true
    public var boxes = Boxes.refuse

    public init() {}
}
