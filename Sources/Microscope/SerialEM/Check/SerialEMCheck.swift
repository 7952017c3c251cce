import RunModel

/// Asks a SerialEM everything that a session will ask of it, and moves nothing.
public struct SerialEMCheck: Sendable {
    let scope: SerialEMMicroscope
    /// A JEOL loader looks at its cartridges, which moves it.
    let takesInventory: Bool
    private let tell: @Sendable (CheckLine) -> Void

    /// `tell` hears each line as it comes, from the caller's own task.
    public init(
        of scope: SerialEMMicroscope, takesInventory: Bool = false, tell: @escaping @Sendable (CheckLine) -> Void
    ) {
        self.scope = scope
        self.takesInventory = takesInventory
        self.tell = tell
    }

    /// Over a microscope that is connected. There is a line for every question, also for those that a link which ended left unasked.
    /// Throws only where the caller's task was cancelled.
    public func run() async throws(MicroscopeError) {
        var last: CheckQuestion?
        for question in program + column + loader + optics + images + files {
            guard scope.isLinkOpen else {
                tell(question.unasked(since: last?.subject))
                continue
            }
            tell(try await line(for: question))
            last = question
        }
    }

    /// A refusal is a line of the check, with the remedy for it.
    private func line(for question: CheckQuestion) async throws(MicroscopeError) -> CheckLine {
        do throws(MicroscopeError) { return try await question.answer() } catch {
            guard error != .cancelled else { throw error }
            return CheckLine(question.subject, .problem, error.sentence, remedy: remedy(for: error, question))
        }
    }

    /// What helps against a refusal does not help against silence.
    private func remedy(for error: MicroscopeError, _ question: CheckQuestion) -> String? {
        guard error.isRefusal else { return error.remedy }
        // Thermo Fisher's columns have both.
        let isOtherMaker = ["inventory", "no such pump"].contains(where: error.sentence.contains)
        if isOtherMaker, description.vendor == .thermoFisher {
            return "Where this is a column of JEOL's, check with --vendor JEOL."
        }
        return question.remedy ?? error.remedy
    }
    private var description: MicroscopeDescription { scope.description }
}

/// One thing that is asked.
struct CheckQuestion {
    let subject: String
    /// What helps where SerialEM refuses to answer; nil for what its refusal itself suggests.
    let remedy: String?
    let answer: () async throws(MicroscopeError) -> CheckLine

    init(_ subject: String, remedy: String? = nil, _ answer: @escaping () async throws(MicroscopeError) -> CheckLine) {
        self.subject = subject
        self.remedy = remedy
        self.answer = answer
    }

    /// `last`: the question at which the link ended; nil where it ended before the first.
    func unasked(since last: String?) -> CheckLine {
        CheckLine(
            subject, .notAsked,
            "The connection ended \(last.map { "at the question about \($0)" } ?? "before the first question").",
            remedy: "Settle that first, and check again.")
    }
}

extension SerialEMCheck {
    private var program: [CheckQuestion] {
        [
            CheckQuestion("version", version), CheckQuestion("messages", remedy: "Install a newer SerialEM.", messages),
            CheckQuestion("claim", claim),
        ]
    }

    /// Whose the microscope is, as the servers say there themselves.
    private func claim() async throws(MicroscopeError) -> CheckLine {
        guard try await scope.keepsVariables() else {
            return CheckLine(
                "claim", .ok, "SerialEM keeps no variables, so servers cannot see that another one holds this microscope.",
                remedy: "Let only one server use it.")
        }
        return switch try await scope.readClaim() {
        case .none: CheckLine("claim", .ok, "No server holds this microscope.")
        case .over(let claim):
            CheckLine("claim", .ok, "No server holds this microscope any more. The last was that on \(claim.host).")
        case .held(let claim, let seconds):
            CheckLine(
                "claim", .ok,
                "\(claim.sentence) Its claim holds for \(Int(clamping: seconds.rounded(.down))) s, unless it is renewed.")
        case .untold(let reason):
            CheckLine("claim", .notAsked, "Nobody can tell whether a server holds this microscope: \(reason).")
        }
    }

    private func version() async throws(MicroscopeError) -> CheckLine {
        let version = try await scope.version()
        return ["4.0", "before"].contains { version.hasPrefix($0) }
            ? CheckLine("version", .problem, "This is SerialEM \(version).", remedy: "Install SerialEM 4.1 or later.")
            : CheckLine("version", .ok, "SerialEM \(version).")
    }

    private func messages() async throws(MicroscopeError) -> CheckLine {
        // A variable that nobody has: SerialEM must say so in an answer, and not in a box.
        do throws(MicroscopeError) { try await scope.call(.getVariable, .text("gridpilotNoSuchVariable")) } catch {
            guard case .refused = error else { throw error }
            return CheckLine(
                "messages", .ok, "What goes wrong comes as an answer with SerialEM's words, and not as a box on its screen.")
        }
        return CheckLine("messages", .notAsked, "Nothing went wrong that SerialEM could have told of.")
    }

    private var column: [CheckQuestion] { [CheckQuestion("stage", stage), CheckQuestion("column", valves)] }

    private func stage() async throws(MicroscopeError) -> CheckLine {
        let place = try await scope.stagePosition()
        return CheckLine("stage", .ok, "It stands at x \(place.x.written), y \(place.y.written), z \(place.z.written) µm.")
    }

    private func valves() async throws(MicroscopeError) -> CheckLine {
        let state = try await scope.columnState()
        let busy = state.isFillingNitrogen ? " Nitrogen is being filled." : state.isPumping ? " Pumps are running." : ""
        return CheckLine("column", .ok, "The column valves are \(state.valvesOpen ? "open" : "closed").\(busy)")
    }
}
