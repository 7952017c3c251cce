/// A command whose answer is late, and not yet given up.
public struct MicroscopeSilence: Hashable, Sendable {
    /// As the microscope program spells it.
    public let command: String
    /// Since it was sent.
    public let seconds: Double
    /// After so many the link is given up.
    public let deadline: Double

    public init(command: String, seconds: Double, deadline: Double) {
        self.command = command
        self.seconds = seconds
        self.deadline = deadline
    }
}
