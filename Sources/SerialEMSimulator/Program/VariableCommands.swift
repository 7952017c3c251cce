import Microscope

/// Script variables, and the blocks in which a script lets commands fail.
extension SimulatedSerialEM {
    static let variableAnswers: [SerialEMCommand: Answer] = [
        .setVariable: setVariable, .setPersistentVar: setPersistentVar, .getVariable: getVariable,
        .clearPersistentVars: clearPersistentVars,
    ]
    static let variableRows: [ScriptCommand] = [
        .init("SetFloatVariable", "SDi", setFloatVariable),
        .init("SetStringVar", "SS", setVariable), .init("IsVariableDefined", "S", isVariableDefined),
        .init("MakeVarPersistent", "Si", makeVarPersistent), .init("ClearNonPersistentVars", "", clearNonPersistentVars),
        .init("AppendToArray", "SS", appendToArray), .init("NewArray", "SII", newArray), .init("New2DArray", "Siii", newArray),
        .init("TruncateArray", "SI", truncateArray), .init("ArrayStatistics", "S", arrayStatistics),
        .init("ListVars", "", doNothing), .init("ListPersistentVars", "", doNothing),
        .init("CompareStrings", "SS", compareStrings), .init("CompareNoCase", "SS", compareNoCase),
        .init("StripEndingDigits", "SS", stripEndingDigits), .init("FindSubstring", "SIS", findSubstring),
    ]
    static let tryRows: [ScriptCommand] = [.init("StartTry", "i", startTry), .init("EndTry", "", endTry)]

    /// Tells a client on the same computer where the disks of this one are.
    private static let directoryName = "simulatedfiles"

    private func setVariable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try set(call, call.text(1), kind: nil)
    }

    private func setPersistentVar(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try set(call, call.text(1), kind: .persistent)
    }

    private func setFloatVariable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try set(call, call.number(1).short(10), kind: call.isSet(2) ? .persistent : nil)
    }

    private func set(
        _ call: SerialEMCall, _ value: String, kind: ScriptVariables.Kind?
    ) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.text(0).lowercased() != Self.directoryName else { throw .sentence("\(call.text(0)) cannot be set, in line:") }
        try setVariable(call.text(0), Self.array(value) ?? value, kind: kind)
        return .nothing
    }

    /// `{1 2 3}` is an array; nil for anything else.
    private static func array(_ text: String) -> String? {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
        return text.dropFirst().dropLast().split(whereSeparator: \.isWhitespace).joined(separator: "\n")
    }

    func setVariable(_ name: String, _ value: String, kind: ScriptVariables.Kind? = nil) throws(SerialEMProblem) {
        try change { state throws(SerialEMProblem) in try state.script.variables.set(name, value, kind: kind) }
    }

    private func variable(_ name: String) throws(SerialEMProblem) -> String {
        guard let value = read(\.script.variables)[name] else {
            throw .sentence("The variable \(name.prefix(60)) is not defined, in line:")
        }
        return value
    }

    private func getVariable(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        if call.text(0).lowercased() == Self.directoryName { return [.text(disk.directory)] }
        let value = try variable(call.text(0))
        guard let number = Double(value), number.isFinite else { return [.text(value)] }
        return [.number(number)]
    }

    private func isVariableDefined(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.script.variables).kind(call.text(0))?.rawValue ?? 0)]
    }

    private func makeVarPersistent(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try variable(call.text(0))
        change { $0.script.variables.setKind(call.text(0), call.has(1) && !call.isSet(1) ? .regular : .persistent) }
        return .nothing
    }

    private func clearPersistentVars(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.script.variables.removePersistent() }
        return .nothing
    }

    private func clearNonPersistentVars(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.script.variables.removeRegular() }
        return .nothing
    }

    private func startTry(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        change { $0.script.tries += 1 }
        return .nothing
    }

    private func endTry(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try change { state throws(SerialEMProblem) in
            guard state.script.tries > 0 else { throw .sentence("There is an EndTry without a StartTry, in line:") }
            state.script.tries -= 1
        }
        return .nothing
    }
}

/// Arrays and texts.
extension SimulatedSerialEM {
    private func appendToArray(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let items = call.arguments.dropFirst().map(\.text)
        let old = read(\.script.variables)[call.text(0)]
        try setVariable(call.text(0), ((old.map { $0.isEmpty ? [] : [$0] } ?? []) + items).joined(separator: "\n"))
        return .nothing
    }

    private func newArray(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let count = call.integer(2)
        guard (0...100_000).contains(count) else { throw .sentence("An array of \(count) values cannot be made, in line:") }
        let value = Array(repeating: "0", count: max(0, count)).joined(separator: "\n")
        try setVariable(call.text(0), value, kind: call.integer(1) > 0 ? .persistent : nil)
        return .nothing
    }

    private func truncateArray(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let values = try variable(call.text(0)).split(separator: "\n", omittingEmptySubsequences: false)
        try setVariable(call.text(0), values.prefix(max(1, call.integer(1))).joined(separator: "\n"))
        return .nothing
    }

    /// Number, mean, standard deviation, least, greatest and median.
    private func arrayStatistics(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let words = try variable(call.text(0)).split(separator: "\n")
        let values = words.compactMap { Double($0) }.filter(\.isFinite).sorted()
        guard values.count == words.count, let least = values.first, let greatest = values.last else {
            throw .sentence("The variable \(call.text(0).prefix(60)) does not hold numbers, in line:")
        }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
        return .numbers(count, mean, spread.squareRoot(), least, greatest, values[values.count / 2])
    }

    private func compareStrings(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try compared(variable(call.text(0)), call.text(1))
    }

    private func compareNoCase(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try compared(variable(call.text(0)).lowercased(), call.text(1).lowercased())
    }

    private func compared(_ first: String, _ second: String) -> [SerialEMValue] {
        [.count(first == second ? 0 : first < second ? -1 : 1)]
    }

    /// The digits at the end, which are taken off the text of the variable that is named last.
    private func stripEndingDigits(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let text = call.text(0)
        let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
        try setVariable(call.text(1), String(text.dropLast(digits)))
        return [.number(Double(text.suffix(digits)) ?? -1)]
    }

    /// Where a text is in another, from 0; -1 where it is not.
    private func findSubstring(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (text, wanted) = (Array(try variable(call.text(0)).utf8), Array(call.text(2).utf8))
        let starts = stride(from: max(0, call.integer(1)), through: text.count - wanted.count, by: 1)
        return [.count(starts.first { text[$0..<$0 + wanted.count].elementsEqual(wanted) } ?? -1)]
    }
}
