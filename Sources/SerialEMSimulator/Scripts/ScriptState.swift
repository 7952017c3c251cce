import RunModel

/// What scripts leave behind in the program: variables, clocks, settings.
struct ScriptState: Sendable {
    var variables = ScriptVariables()
    var settings = ScriptSettings()
    /// Tries begun and not ended.
    var tries = 0
    /// Seconds of the column's time.
    var clockStart = 0.0
    var customTimes: [String: Double] = [:]
    var statusLines: [Int: String] = [:]

    /// What lasts as long as external control and no longer.
    mutating func endControl() {
        variables.removeRegular()
        settings.restore()
        tries = 0
        statusLines = [:]
    }
}

/// Script variables. Their names do not care for capitals; an array is its values on a line each.
struct ScriptVariables: Sendable {
    enum Kind: Int, Sendable {
        case regular = 1
        case persistent
    }
    private struct Variable: Sendable {
        var value: String
        var kind: Kind
    }

    private var variables: [String: Variable] = [:]
    private static let most = 1000
    /// More than the longest list of targets; what grows beyond is a loop without an end.
    private static let longest = 4 << 20

    subscript(name: String) -> String? { variables[name.lowercased()]?.value }
    func kind(_ name: String) -> Kind? { variables[name.lowercased()]?.kind }

    /// `kind`: nil leaves that of a variable that is there.
    mutating func set(_ name: String, _ value: String, kind: Kind? = nil) throws(SerialEMProblem) {
        let key = name.lowercased()
        guard !key.isEmpty, key.utf8.count <= 200 else { throw .sentence("\(name.prefix(60)) cannot be set, in line:") }
        guard variables.count < Self.most || variables[key] != nil else {
            throw .sentence("There are too many variables, in line:")
        }
        guard value.utf8.count <= Self.longest else { throw .sentence("The value of \(name.prefix(60)) is too long, in line:") }
        variables[key] = Variable(value: value, kind: kind ?? variables[key]?.kind ?? .regular)
    }

    mutating func setKind(_ name: String, _ kind: Kind) { variables[name.lowercased()]?.kind = kind }
    mutating func removeRegular() { variables = variables.filter { $0.value.kind == .persistent } }
    mutating func removePersistent() { variables = variables.filter { $0.value.kind == .regular } }
}
