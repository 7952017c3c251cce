import RunModel

/// Asks a SerialEM everything that a session will ask of it, and moves nothing.
public struct SerialEMCheck: Sendable {
    let scope: SerialEMMicroscope
    /// A JEOL loader looks at its cartridges, which moves it.
    let takesInventory: Bool
    let tell: @Sendable (CheckLine) -> Void

    /// `tell` hears each line as it comes, from the caller's own task.
    public init(
        of scope: SerialEMMicroscope, takesInventory: Bool = false, tell: @escaping @Sendable (CheckLine) -> Void
    ) {
        self.scope = scope
        self.takesInventory = takesInventory
        self.tell = tell
    }

    /// Over a microscope that is connected. Throws where the link is lost.
    public func run() async throws(MicroscopeError) {
        try await program()
        try await column()
        try await loader()
        try await optics()
        try await images()
        try await files()
    }

    /// A refusal is a line of the check, with the remedy for it; a lost link is the end of it.
    func ask(
        _ subject: String, remedy: String? = nil, _ question: () async throws(MicroscopeError) -> CheckLine
    ) async throws(MicroscopeError) {
        do throws(MicroscopeError) { tell(try await question()) } catch {
            guard !error.losesLink, error != .cancelled else { throw error }
            tell(CheckLine(subject, .problem, error.sentence, remedy: remedy ?? error.remedy))
        }
    }

    private func program() async throws(MicroscopeError) {
        try await ask("version") { () throws(MicroscopeError) in
            let version = try await scope.version()
            return ["4.0", "before"].contains { version.hasPrefix($0) }
                ? CheckLine("version", .problem, "This is SerialEM \(version).", remedy: "Install SerialEM 4.1 or later.")
                : CheckLine("version", .ok, "SerialEM \(version).")
        }
        try await ask("messages", remedy: "Install a newer SerialEM.") { () throws(MicroscopeError) in
            // A variable that nobody has: SerialEM must say so in an answer, and not in a box.
            do throws(MicroscopeError) { try await scope.call(.getVariable, .text("gridpilotNoSuchVariable")) } catch {
                guard case .refused = error else { throw error }
            }
            return CheckLine(
                "messages", .ok, "What goes wrong comes as an answer with SerialEM's words, and not as a box on its screen.")
        }
    }

    private func column() async throws(MicroscopeError) {
        try await ask("stage") { () throws(MicroscopeError) in
            let place = try await scope.stagePosition()
            return CheckLine(
                "stage", .ok, "It stands at x \(place.x.written), y \(place.y.written), z \(place.z.written) µm.")
        }
        try await ask("column") { () throws(MicroscopeError) in
            let state = try await scope.columnState()
            let busy = state.isFillingNitrogen ? " Nitrogen is being filled." : state.isPumping ? " Pumps are running." : ""
            return CheckLine("column", .ok, "The column valves are \(state.valvesOpen ? "open" : "closed").\(busy)")
        }
    }
}
